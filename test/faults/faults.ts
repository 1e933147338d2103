import type { Crew } from "./crew.ts";
import { pause } from "./roles/role.ts";
import type { Stage } from "./stage.ts";

/** Something that goes wrong in the world around the library. */
export interface Fault {
  readonly name: string;
  /** How often it is chosen, beside others. */
  readonly weight: number;
  /** Why it cannot be had here. */
  readonly isImpossible?: string | undefined;
  run(): Promise<void>;
}

/** What happens to processes. */
export function faultsOfProcesses(crew: Crew, next: () => number): readonly Fault[] {
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from));
  return [
    { name: "SIGKILL of a process", weight: 5, run: () => crew.replace(crew.any(next)) },
    { name: "SIGSTOP of a process, then SIGCONT", weight: 3, run: () => crew.any(next).freeze(between(200, 3_000)) },
    {
      name: "a jump of a process's clock",
      weight: 2,
      async run() {
        crew.any(next).shiftClock(between(-86_400_000, 86_400_000));
      },
    },
  ];
}

/** What happens to the server, the network and the disk; what the store has none of is left out. */
export function faultsOfStage(stage: Stage, next: () => number, isLong: boolean): readonly Fault[] {
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from));
  const { server, disk, hold, endConnection } = stage;
  /** Now and then for longer than the library waits for. */
  const patience = (usual: number) => (isLong && next() < 0.1 ? between(11_000, 13_000) : between(0, usual));
  const onDisk: Fault = {
    name: "the disk is full",
    weight: 1,
    isImpossible: typeof disk === "string" ? disk : undefined,
    async run() {
      if (typeof disk === "string") return;
      disk.fill();
      try {
        await pause(between(500, 3_000));
      } finally {
        disk.free();
      }
      await bringUp(stage);
    },
  };
  if (server === undefined)
    return [onDisk, { name: "a stranger holds the file", weight: 3, run: async () => hold?.(between(200, 2_000)) }];
  const { own, network, killedBy } = server;
  return [
    onDisk,
    { name: "the server ends a connection", weight: 5, run: async () => endConnection?.() },
    {
      name: "the server goes down at once, and comes back",
      weight: 1,
      async run() {
        await own.stop(killedBy);
        await pause(patience(500));
        await own.start();
      },
    },
    { name: "the network breaks connections", weight: 3, run: async () => network.cut(() => next() < 0.5) },
    { name: "the answer to a commit is lost", weight: 5, run: async () => network.dropAnswer() },
    {
      name: "the network is slow",
      weight: 2,
      async run() {
        network.delay = between(5, 100);
        await pause(between(200, 2_000));
        network.mend();
      },
    },
    {
      name: "connections stand of which nobody hears any more",
      weight: 2,
      async run() {
        network.halfOpen(next() < 0.5 ? "requests" : "nothing");
        await pause(patience(3_000));
        network.mend();
      },
    },
  ];
}

/** A server that has gone down of itself is started again. */
export async function bringUp({ server, isUp }: Stage): Promise<void> {
  for (let tries = 20; tries > 0; tries--) {
    if (await isUp()) return;
    await pause(250);
  }
  await server?.own.stop("SIGKILL");
  await server?.own.start();
}

/** Lets each fault happen once, in any order, then one after the other by their weights, until the time is over. @returns how often each of them came, or why it could not. */
export async function disturb(
  faults: readonly Fault[],
  next: () => number,
  isOver: () => boolean,
): Promise<ReadonlyMap<string, number | string>> {
  const counts = new Map<string, number | string>(faults.map(({ name, isImpossible }) => [name, isImpossible ?? 0]));
  const possible = faults.filter(({ isImpossible }) => isImpossible === undefined);
  const sum = possible.reduce((weights, { weight }) => weights + weight, 0);
  const first = [...possible];
  while (!isOver() && sum > 0) {
    // Time for the processes to get somewhere.
    await pause(100 + next() * 900);
    const [fault = choose(possible, next() * sum)] = first.splice(Math.floor(next() * first.length), 1);
    if (isOver()) break;
    await fault.run();
    counts.set(fault.name, (counts.get(fault.name) as number) + 1);
  }
  return counts;
}

function choose(faults: readonly Fault[], point: number): Fault {
  let passed = 0;
  return faults.find(({ weight }) => {
    passed += weight;
    return point < passed;
  }) as Fault;
}
