import { hostileTrials } from "./hostile-trials.ts";
import { orms } from "./openings.ts";

hostileTrials(orms, 20);
