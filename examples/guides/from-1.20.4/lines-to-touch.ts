import { createRepository, Entity, VentydError } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { User, userReducer, userSchema } from "./user.ts";

const entityId = "u1";
const body = { nickname: "ann", email: "ann@example.com" };

// #region names
const user = User.create({ entityId, body });
user.rename("anna");
console.log(user.uncommittedEvents.map((event) => event.eventName)); // => [ 'user:created', 'user:renamed' ]

const again = User.fromEvents({ entityId, events: user.uncommittedEvents });
console.log(again.state.nickname, again.version); // => anna 2

console.log(userSchema.entityName, userSchema.initialEventName); // => user user:created
// #endregion

// #region clock
const TestUser = Entity(userSchema, userReducer, { now: () => new Date("2024-01-01T00:00:00Z") });
console.log(TestUser.create({ body }).uncommittedEvents[0]?.eventCreatedAt); // => 2024-01-01T00:00:00.000Z
// #endregion

const users = createRepository(User, { adapter: createMemoryStore() });
await users.commit(user);

// #region conflicts
await users.mutate({ entityId }, (user) => user.rename("annie"));
// #endregion

const stale = await users.findOneOrThrow({ entityId });
await users.mutate({ entityId }, (user) => user.rename("ann"));
stale.delete();

// #region errors
try {
  await users.commit(stale);
} catch (error) {
  if (!(error instanceof VentydError) || error.code !== "concurrency_conflict") throw error;
  console.log("somebody else was faster"); // => somebody else was faster
}
// #endregion
