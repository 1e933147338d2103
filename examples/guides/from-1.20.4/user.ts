// As it was written for 1.20.4: nothing to touch.
import { defineReducer, defineSchema, Entity, mutation } from "ventyd";
import { v, valibot } from "ventyd/valibot";

export const userSchema = defineSchema("user", {
  schema: valibot({
    event: {
      created: v.object({ nickname: v.string(), email: v.string() }),
      renamed: v.object({ nickname: v.string() }),
      deleted: v.object({}),
    },
    state: v.object({ nickname: v.string(), email: v.string(), isDeleted: v.boolean() }),
  }),
  initialEventName: "user:created",
});

export const userReducer = defineReducer(userSchema, (prevState, event) => {
  switch (event.eventName) {
    case "user:created":
      return { ...event.body, isDeleted: false };
    case "user:renamed":
      return { ...prevState, nickname: event.body.nickname };
    case "user:deleted":
      return { ...prevState, isDeleted: true };
    default:
      return prevState;
  }
});

export class User extends Entity(userSchema, userReducer) {
  rename = mutation(this, (dispatch, nickname: string) => {
    if (this.state.isDeleted) throw new Error("This user is deleted");
    dispatch("user:renamed", { nickname });
  });

  delete = mutation(this, (dispatch) => dispatch("user:deleted", {}));
}
