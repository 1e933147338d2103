import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { version } from "typescript";
import ts6 from "typescript-api";
import ts5 from "typescript5";

/** A version of TypeScript that we support. */
export interface Compiler {
  readonly version: string;
  /** What it says about these files in that folder, and about our declarations that they reach; a line each. */
  errors(folder: string, files: readonly string[], options: object): Promise<readonly string[]>;
}

const base = { strict: true, skipLibCheck: false, target: "es2023", noEmit: true };

/**
 * Of a library's declarations only ours are checked here. The compilers in JavaScript take half a minute over those of the
 * validators, for every set of options, and what they find there is not about us; with version 7 everything is checked.
 */
function inJavaScript(ts: typeof ts6): Compiler {
  return {
    version: ts.version,
    async errors(folder, files, given) {
      const { options } = ts.convertCompilerOptionsFromJson({ ...base, ...given }, folder);
      const host = ts.createCompilerHost(options);
      host.getCurrentDirectory = () => folder;
      const program = ts.createProgram(
        files.map((file) => path.join(folder, file)),
        options,
        host,
      );
      const ours = program
        .getSourceFiles()
        .filter(({ fileName }) => !/(^|\/)node_modules\/(?!ventyd\/)/.test(path.relative(folder, fileName)));
      const found = [
        ...program.getOptionsDiagnostics(),
        ...program.getGlobalDiagnostics(),
        ...ours.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
      ];
      return ts.formatDiagnostics(found, host).split("\n").filter(Boolean);
    },
  };
}

/** As a user runs it: every declaration of every library is checked. */
const native: Compiler = {
  version,
  errors(folder, files, given) {
    const config = path.join(folder, "tsconfig.json");
    writeFileSync(config, JSON.stringify({ compilerOptions: { ...base, ...given }, files }));
    return new Promise((resolve, reject) => {
      execFile(process.execPath, [tsc, "-p", config], { cwd: folder }, (error, stdout, stderr) => {
        if (error !== null && stdout === "") reject(new Error(stderr, { cause: error }));
        else resolve(stdout.split("\n").filter(Boolean));
      });
    });
  },
};

const require = createRequire(import.meta.url);

/** Version 7, for running it. */
export const tsc = path.join(path.dirname(require.resolve("typescript/package.json")), "bin/tsc");

export const compilers: readonly Compiler[] = [inJavaScript(ts5 as never), inJavaScript(ts6), native];
