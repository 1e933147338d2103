import type { DefaultSchema } from "../../src/schema/define-schema.ts";
import type { EntityConstructor } from "ventyd";
import { Order as ofArktype } from "./orders/arktype.ts";
import { Order as ofTypebox } from "./orders/typebox.ts";
import { Order as ofTypebox0 } from "./orders/typebox0.ts";
import { Order as ofValibot } from "./orders/valibot.ts";
import { Order as ofWholeEvents } from "./orders/whole-events.ts";
import { Order as ofZod } from "./orders/zod.ts";
import { OrderByStandard as ofZod3ByStandard, Order as ofZod3 } from "./orders/zod3.ts";
import { Order as ofZodMini } from "./orders/zod-mini.ts";

/** The order of each library, and through which entry it came. */
export const orders = {
  "zod 4": ofZod,
  "zod 3": ofZod3,
  "zod 3 by ventyd/standard": ofZod3ByStandard,
  "zod/mini by ventyd/standard": ofZodMini,
  "whole events by ventyd/standard": ofWholeEvents,
  valibot: ofValibot,
  arktype: ofArktype,
  "typebox 1": ofTypebox,
  "@sinclair/typebox 0.34": ofTypebox0,
} as unknown as { readonly [library: string]: EntityConstructor<DefaultSchema> };
