import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { adapterContract } from "ventyd/testing";
import { createJsonFileAdapter } from "./json-file-adapter.ts";

adapterContract({ describe, test }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "adapter-"));
  return {
    store: createJsonFileAdapter(path.join(folder, "events.json")),
    close: () => rmSync(folder, { recursive: true }),
  };
});
