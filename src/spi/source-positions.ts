/** Where in the user's own files the frames of a stack are: the code that ran is one minified line. */
import { SourceMap } from 'node:module';

/** A line of a stack: what comes before the place, and whether the place stands in brackets. */
const FRAME = /^ +at (?:async )?(?:[^(]*\()?/;

/** What {@link SourcePositions} are made of. */
export interface SourcePositionsInit {
  /** How places in the bundle end, up to the colon before the line: `/index.mjs:`. */
  readonly ends: readonly string[];
  /** A place that has this in its path is none in the bundle: `/node_modules/`. */
  readonly except?: string;
  /** The map as JSON text. Called once, when a stack first needs it; what it throws means that there is none. */
  readonly readMap: () => string;
}

/**
 * The positions in the files that one bundle was made of.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { SourcePositions } from 'polyfaas/spi';
 *
 * const positions = new SourcePositions({
 *   ends: ['/index.mjs:'],
 *   readMap: () => readFileSync('index.mjs.map', 'utf8'),
 * });
 * console.log(positions.inSources('    at charge (/var/task/index.mjs:1:4711)'));
 * ```
 */
export class SourcePositions {
  readonly #ends: readonly string[];
  readonly #except: string | undefined;
  readonly #readMap: () => string;
  #map: SourceMap | null | undefined;

  constructor({ ends, except, readMap }: SourcePositionsInit) {
    this.#ends = ends;
    this.#except = except;
    this.#readMap = readMap;
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
    if (this.#except !== undefined && line.slice(begin, from).includes(this.#except)) return line;
    const found = this.#read()?.findEntry(Number(row) - 1, Number(column) - 1);
    if (found === undefined || !('originalSource' in found)) return line;
    const { generatedLine, originalSource, originalLine, originalColumn } = found;
    // The last of the map, for a line that the bundle does not have: the stack is of something else.
    if (generatedLine !== Number(row) - 1) return line;
    const place = `${originalSource}:${originalLine + 1}:${originalColumn + 1}`;
    return line.slice(0, begin) + place + line.slice(from + whole.length);
  }

  /** Null where there is none, or none that can be read: then a stack stays as it is. */
  #read(): SourceMap | null {
    if (this.#map !== undefined) return this.#map;
    try {
      this.#map = new SourceMap(JSON.parse(this.#readMap()));
    } catch {
      this.#map = null;
    }
    return this.#map;
  }
}
