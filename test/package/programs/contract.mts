import { describe, test } from "node:test";
import { createMemoryStore } from "ventyd/memory";
import { adapterContract } from "ventyd/testing";

adapterContract({ describe, test }, (options) => createMemoryStore(options), { durable: false, migrations: false });
