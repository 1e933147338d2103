// What the declarations of PGlite 0.5 take from a browser and from @types/emscripten, which this project has no other use for.
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>;
  type Module = object;
  type Instance = object;
  type Memory = object;
}
declare namespace Emscripten {
  type FileSystemType = object;
}
declare const FS: Record<string, never>;
interface EmscriptenModule extends Record<"preInit" | "preRun" | "postRun", unknown> {}
type IDBDatabase = object;
