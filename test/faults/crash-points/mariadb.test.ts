import { describe } from "vitest";
import { crashPointCases } from "./cases.ts";
import { openMysql } from "./ground.ts";

describe("MariaDB:", () => crashPointCases(openMysql));
