import { hostileTrials } from "./hostile-trials.ts";
import { drivers, memory } from "./openings.ts";

hostileTrials({ "the memory store": memory, ...drivers }, 30);
