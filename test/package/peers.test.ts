import { beforeAll, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { lockedVersions, userFolder, type Versions } from "../support/user-folder.ts";
import { compilers } from "./compilers.ts";
import { prints, programs } from "./programs.ts";

interface Row {
  readonly versions: Versions;
  /** The programs that use them. */
  readonly names: readonly string[];
}

const withZod = ["immer", "memory", "prisma", "zod"];

/** The oldest version of every major that package.json allows. */
const oldest: readonly Row[] = [
  {
    versions: {
      "@sinclair/typebox": "0.34.0",
      arktype: "2.0.0",
      immer: "10.0.0",
      // Before it there is no `DecodeUnsafe`.
      typebox: "1.0.13",
      valibot: "1.0.0",
      // 3.25.0 was published without its code, and the types of the three after it do not check.
      zod: "3.25.4",
    },
    names: [...withZod, "arktype", "standard", "testing", "typebox", "typebox0", "valibot"],
  },
  { versions: { immer: "11.0.0", zod: "4.0.0" }, names: withZod },
];

/** The newest of the majors that we do not develop with. */
const newest: Row = { versions: { immer: "10.2.0", zod: "3.25.76" }, names: withZod };

test("the oldest versions are those that package.json allows", () => {
  for (const [name, range] of Object.entries(manifest.peerDependencies)) {
    const allowed = range.split(" || ").map((part) => part.replace("^", ""));
    expect(oldest.flatMap(({ versions }) => versions[name] ?? []).sort(), name).toEqual(allowed.sort());
  }
});

describe.each([...oldest, newest])("with $versions.zod of Zod, $versions.immer of Immer, and others as old", (row) => {
  const { versions, names } = row;
  const user = userFolder();

  beforeAll(async () => {
    // ArkType's types name a class of Node's.
    await user.install({ ...versions, ...lockedVersions("@types/node") });
    for (const name of names) user.write(`${name}.mts`, programs[name] as string);
  }, 120_000);

  test.each(names)("the program %s does what it says", async (name) => {
    expect(JSON.parse(await user.node(`${name}.mts`))).toEqual(prints[name]);
  });

  test("the types of every entry check, and those of the libraries", { timeout: 120_000 }, async () => {
    const files = names.map((name) => `${name}.mts`);
    const options = { module: "nodenext", types: ["node"] };
    expect(await compilers.at(-1)?.errors(user.folder, files, options)).toEqual([]);
  });
});
