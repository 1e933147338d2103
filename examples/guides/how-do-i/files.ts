import { createHash } from "node:crypto";
import { createRepository, defineEntity } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { z } from "zod";

const bucket = new Map<string, Uint8Array>();

// #region files
const Invoice = defineEntity("invoice", {
  state: z.object({ number: z.string(), scan: z.string().nullable() }),
  events: {
    received: z.object({ number: z.string() }),
    scanned: z.object({ sha256: z.string(), bytes: z.int(), type: z.string() }),
  },
  initial: "received",
  reduce: {
    received: (_, { body }) => ({ number: body.number, scan: null }),
    scanned: (invoice, { body }) => ({ ...invoice, scan: body.sha256 }),
  },
  mutations: {
    attach: ({ dispatch }, file: Uint8Array, sha256: string) =>
      dispatch("scanned", { sha256, bytes: file.byteLength, type: "application/pdf" }),
  },
});

async function attach(entityId: string, file: Uint8Array) {
  const sha256 = createHash("sha256").update(file).digest("hex");
  bucket.set(sha256, file); // first the file: an event must not point at nothing
  await invoices.mutate({ entityId }, (invoice) => invoice.attach(file, sha256));
}
// #endregion

// #region limit
const store = createMemoryStore({ maxBodyBytes: 10_000 });
const invoices = createRepository(Invoice, { adapter: store });
const error = await invoices.create({ body: { number: "7".repeat(20_000) } }).catch((error) => error);
console.log(error.code); // => body_too_large
// #endregion

const { entity } = await invoices.create({ body: { number: "2026-7" } });
await attach(entity.entityId, new TextEncoder().encode("%PDF"));
const { state } = await invoices.findOneOrThrow({ entityId: entity.entityId });
console.log(bucket.get(state.scan ?? "")?.byteLength); // => 4
