import { execFile } from "node:child_process";

/** What a program has printed; rejects, with all of it in the message, where the program failed. */
export function run(file: string, args: readonly string[], { cwd }: { readonly cwd: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${error.message}\n${stdout}\n${stderr}`, { cause: error }));
    });
  });
}
