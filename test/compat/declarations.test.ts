import path from "node:path";
import ts from "typescript-api";
import { expect, test } from "vitest";

test("section 11: the declarations of a module of entities can be emitted, and say what each mutation takes", {
  timeout: 60_000,
}, () => {
  const file = path.join(import.meta.dirname, "user-code.ts");
  const emitted = new Map<string, string>();
  const program = ts.createProgram([file], {
    strict: true,
    declaration: true,
    emitDeclarationOnly: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    customConditions: ["ventyd-source"],
    lib: ["lib.es2024.d.ts"],
    types: ["node"],
  });
  const { diagnostics } = program.emit(program.getSourceFile(file), (name, text) => emitted.set(name, text));
  const found = [...ts.getPreEmitDiagnostics(program, program.getSourceFile(file)), ...diagnostics];
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
  const [declarations] = [...emitted.values()];
  expect(declarations).toMatch(/export declare class User extends \w+ \{/);
  expect(declarations).toMatch(/delete: \S*MutationMethod<\(reason\?: string(?: \| undefined)?\) => \{/);
  expect(declarations).toMatch(/rename: \S*MutationMethod<\(lookUp: \(\) => Promise<string>\) => Promise<string>>/);
});
