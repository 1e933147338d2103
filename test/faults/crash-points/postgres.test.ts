import { describe } from "vitest";
import { crashPointCases } from "./cases.ts";
import { openPostgres } from "./ground.ts";

describe("PostgreSQL:", () => crashPointCases(openPostgres));
