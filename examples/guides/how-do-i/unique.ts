import Database from "better-sqlite3";
import { createRepository, defineEntity } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { z } from "zod";

const database = new Database(":memory:");
const store = createSqliteStore(database);
await store.migrate();
database.exec("CREATE TABLE emails (email TEXT PRIMARY KEY COLLATE NOCASE, user_id TEXT NOT NULL)");

const User = defineEntity("user", {
  state: z.object({ name: z.string() }),
  events: { joined: z.object({ name: z.string() }) },
  initial: "joined",
  reduce: { joined: (_, { body }) => body },
});
const users = createRepository(User, { adapter: store });

// #region entity
const Username = defineEntity("username", {
  state: z.object({ userId: z.string() }),
  events: { claimed: z.object({ userId: z.string() }) },
  initial: "claimed",
  reduce: { claimed: (_, { body }) => body },
});
createRepository(Username, { adapter: store });

async function join(name: string) {
  const user = User.create({ body: { name } });
  const claim = Username.create({ entityId: name.toLowerCase(), body: { userId: user.entityId } });
  await store.commit([user, claim]);
}

await join("Ann");
const error = await join("ann").catch((error) => error);
console.log(error.code, error.entityName, error.entityId); // => entity_exists username ann
// #endregion

// #region table
async function joinByEmail(name: string, email: string) {
  await store.transaction(async ({ client }) => {
    const { entity } = await users.create({ body: { name } });
    client.prepare("INSERT INTO emails (email, user_id) VALUES (?, ?)").run(email, entity.entityId);
  });
}
// #endregion

await joinByEmail("Bob", "bob@example.com");
const refused = await joinByEmail("Bob", "Bob@Example.com").catch((error) => error);
console.log(refused.message); // => UNIQUE constraint failed: emails.email
console.log((await store.entities({ entityName: "user" })).length); // => 2
