/** Where in the user's own files the frames of a stack are: the code that ran is one minified line. */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { basename, join, posix, sep } from 'node:path';
import { SOURCE_MAP_FILE } from '../source-map-file.ts';

/** A line of a stack: what comes before the place, and whether the place stands in brackets. */
const FRAME = /^ +at (?:async )?(?:[^(]*\()?/;

/** The positions in the files that one bundle was made of. */
export class SourcePositions {
  readonly #file: string;
  /** How places in the bundle end: the folder may be known by another name, through a link. */
  readonly #ends: readonly string[];
  #map: SourceMap | null | undefined;

  constructor(codeFolder: string, entryFile: string) {
    this.#file = join(codeFolder, SOURCE_MAP_FILE);
    const path = ['', basename(codeFolder), entryFile];
    this.#ends = [...new Set([posix.sep, sep])].map((one) => `${path.join(one)}:`);
  }

  /** Gives an error, and those that it was caused by, the stacks of the sources. */
  locate(error: unknown): void {
    // An error may be its own cause.
    const seen = new Set<unknown>();
    for (let one = error; one instanceof Error && !seen.has(one); one = one.cause) {
      seen.add(one);
      const stack = one.stack === undefined ? undefined : this.inSources(one.stack);
      // An error that came from a thread may have a stack that nobody writes to.
      if (stack !== one.stack) Reflect.defineProperty(one, 'stack', { value: stack });
    }
  }

  /** A stack with the places in the sources, as far as they are known. */
  inSources(stack: string): string {
    if (!this.#ends.some((end) => stack.includes(end))) return stack;
    // Line by line, and without patterns that look back: what was thrown may have a message of any length.
    return stack
      .split('\n')
      .map((line) => this.#located(line))
      .join('\n');
  }

  #located(line: string): string {
    const begin = FRAME.exec(line)?.[0].length;
    const end = this.#ends.find((one) => line.includes(one));
    if (begin === undefined || end === undefined) return line;
    const from = line.indexOf(end) + end.length;
    const [whole, row, column] = /^(\d+):(\d+)/.exec(line.slice(from)) ?? [];
    if (whole === undefined) return line;
    const found = this.#read()?.findEntry(Number(row) - 1, Number(column) - 1);
    if (found === undefined || !('originalSource' in found)) return line;
    const { originalSource, originalLine, originalColumn } = found;
    const place = `${originalSource}:${originalLine + 1}:${originalColumn + 1}`;
    return line.slice(0, begin) + place + line.slice(from + whole.length);
  }

  /** Null where there is none, or none that can be read: then a stack stays as it is. */
  #read(): SourceMap | null {
    if (this.#map !== undefined) return this.#map;
    try {
      this.#map = new SourceMap(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      this.#map = null;
    }
    return this.#map;
  }
}
