import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where the tour is shown. */
export interface Terminal {
  readonly width: number;
  say(line?: string): void;
  /** A line that the next one takes the place of; where the output is no terminal, a line now and then. */
  progress(line: () => string): void;
  /** Colours, where the output is a terminal that has them. */
  style(style: Style, text: string): string;
}

/** How often the line of a progress is renewed, in milliseconds: on a terminal, and elsewhere. */
const pace = { terminal: 80, elsewhere: 2_000 };

export function createTerminal(stream: NodeJS.WriteStream): Terminal {
  const interval = stream.isTTY ? pace.terminal : pace.elsewhere;
  let shownAt = Date.now();
  let rewriting = false;
  return {
    width: (stream.isTTY && stream.columns) || 120,
    say(line = "") {
      stream.write(`${rewriting ? "\r\x1b[K" : ""}${line}\n`);
      rewriting = false;
    },
    progress(line) {
      if (Date.now() - shownAt < interval) return;
      shownAt = Date.now();
      stream.write(stream.isTTY ? `\r\x1b[K${line()}` : `${line()}\n`);
      rewriting = stream.isTTY;
    },
    style: (style, text) => styleText(style, text, { stream }),
  };
}

/** For `--json`: the same tour, unseen. */
export const silentTerminal: Terminal = {
  width: 120,
  say() {},
  progress() {},
  style: (_style, text) => text,
};

/** Text that others wrote, made fit for a column: without line breaks or escape sequences, cut or filled up to its width. */
export function column(text: string, width: number): string {
  const shown = [...text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u00B7")];
  return shown.length > width ? `${shown.slice(0, Math.max(width - 1, 0)).join("")}…` : shown.join("").padEnd(width);
}

/** `1234` as `1,234`. */
export function count(number: number): string {
  return number.toLocaleString("en-US");
}
