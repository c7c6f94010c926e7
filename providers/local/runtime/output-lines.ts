/** Turns written text into lines, and a flood of lines into a bounded number. */

/** Longer lines are cut. */
export const MAX_LINE_CHARACTERS = 16_384;
/** More than this in one window is dropped and counted. */
const MAX_LINES = 1_000;
const MAX_CHARACTERS = 1_048_576;
const WINDOW_MS = 1_000;

/** Cuts a long text and says so. */
export function cutLine(line: string): string {
  return line.length > MAX_LINE_CHARACTERS
    ? `${line.slice(0, MAX_LINE_CHARACTERS)} ... (cut: ${line.length} characters)`
    : line;
}

/** Splits what is written piece by piece into whole lines. */
export class LineSplitter {
  readonly #emit: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #partial = '';
  #partialLength = 0;

  constructor(emit: (line: string) => void) {
    this.#emit = emit;
  }

  write(chunk: string | Uint8Array): void {
    const text = typeof chunk === 'string' ? chunk : this.#decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#keep(text, from, end);
      this.flush(true);
      from = end + 1;
    }
    this.#keep(text, from, text.length);
  }

  /** Emits what has no line end yet. */
  flush(evenEmpty = false): void {
    if (this.#partialLength === 0 && !evenEmpty) return;
    const cut = this.#partialLength > this.#partial.length;
    const line = this.#partial.endsWith('\r') ? this.#partial.slice(0, -1) : this.#partial;
    const total = this.#partialLength;
    this.#partial = '';
    this.#partialLength = 0;
    this.#emit(cut ? `${line} ... (cut: ${total} characters)` : line);
  }

  /** Never holds more than one cut line, however long the real one grows. */
  #keep(text: string, from: number, end: number): void {
    const room = MAX_LINE_CHARACTERS - this.#partial.length;
    if (room > 0 && end > from) this.#partial += text.slice(from, Math.min(end, from + room));
    this.#partialLength += end - from;
  }
}

/** Lets a bounded number of lines through per second. */
export class LineLimiter {
  readonly #now: () => number;
  readonly #report: (dropped: number) => void;
  #windowStart: number;
  #lines = 0;
  #characters = 0;
  #dropped = 0;

  /** @param report is told, once per window, how many lines were dropped. */
  constructor(report: (dropped: number) => void, now: () => number = () => performance.now()) {
    this.#report = report;
    this.#now = now;
    this.#windowStart = now();
  }

  /** True when a line of so many characters may pass. */
  admit(characters: number): boolean {
    const now = this.#now();
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = now;
      this.#lines = 0;
      this.#characters = 0;
      this.flush();
    }
    if (this.#lines >= MAX_LINES || this.#characters + characters > MAX_CHARACTERS) {
      this.#dropped += 1;
      return false;
    }
    this.#lines += 1;
    this.#characters += characters;
    return true;
  }

  /** Reports what was dropped so far. */
  flush(): void {
    if (this.#dropped === 0) return;
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#report(dropped);
  }
}

/** The line that stands for those that were dropped. */
export function droppedMessage(dropped: number): string {
  return `${dropped} lines were dropped: an instance may write ${MAX_LINES} lines or 1 MB in a second.`;
}
