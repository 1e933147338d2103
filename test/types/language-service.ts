import path from "node:path";
import ts from "typescript-api";

const root = path.resolve(import.meta.dirname, "../..");

/** What an editor says about a file that a user could have written in this project; marks in comments name places in it. */
export class Editor {
  readonly #files = new Map<string, string>();
  readonly #service: ts.LanguageService;

  constructor() {
    const configFile = path.join(root, "tsconfig.json");
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(configFile, ts.sys.readFile).config,
      ts.sys,
      root,
    );
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => ({ ...options, noErrorTruncation: false }),
      getScriptFileNames: () => [...this.#files.keys()],
      getScriptVersion: (fileName) => `${this.#files.get(fileName)?.length ?? 0}`,
      getScriptSnapshot: (fileName) => {
        const text = this.#files.get(fileName) ?? ts.sys.readFile(fileName);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => root,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: (fileName) => this.#files.has(fileName) || ts.sys.fileExists(fileName),
      readFile: (fileName) => this.#files.get(fileName) ?? ts.sys.readFile(fileName),
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    });
  }

  /** Opens a file that is not on disk. */
  open(name: string, text: string): string {
    const fileName = path.join(root, "test/types", name);
    this.#files.set(fileName, text);
    return fileName;
  }

  /** The errors of a file: the text of the line, from its first word on, and the message. */
  errors(fileName: string): { line: string; message: string }[] {
    const lines = this.#text(fileName).split("\n");
    const diagnostics = [
      ...this.#service.getSyntacticDiagnostics(fileName),
      ...this.#service.getSemanticDiagnostics(fileName),
    ];
    return diagnostics.map(({ file, start = 0, messageText }) => ({
      line: (lines[file?.getLineAndCharacterOfPosition(start).line ?? -1] ?? "").trim(),
      message: ts.flattenDiagnosticMessageText(messageText, "\n"),
    }));
  }

  /** What hovering shows of the word that stands behind the comment `/\*mark*\/`. */
  hover(fileName: string, mark: string): string {
    const comment = `/*${mark}*/`;
    const position = this.#text(fileName).indexOf(comment);
    if (position === -1) throw new Error(`no ${comment} in ${fileName}`);
    const info = this.#service.getQuickInfoAtPosition(fileName, position + comment.length);
    return ts.displayPartsToString(info?.displayParts);
  }

  #text(fileName: string): string {
    return this.#files.get(fileName) ?? "";
  }
}
