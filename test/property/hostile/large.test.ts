import { test } from "vitest";
import { longest } from "../runs.ts";
import { excessive, fitting, largeTrial } from "./large-trial.ts";
import { drivers, memory, orms } from "./openings.ts";

test.for(Object.entries({ "the memory store": memory, ...drivers, ...orms }))(
  "%s gives back what is as large as it may be, and refuses what is larger with an error that says so",
  { timeout: longest },
  async ([, open], { onTestFinished }) => {
    const { store, close } = await open();
    onTestFinished(async () => void (await close()));
    for (const [title, body, code] of [...fitting, ...excessive]) await largeTrial(store, title, body, code);
  },
);
