/** Where in the user's own files the frames of a stack are: the code that ran is one minified line. */
import { SourceMap } from 'node:module';
import { posix, win32 } from 'node:path';

/** A line of a stack: what comes before the place, and whether the place stands in brackets. */
const FRAME = /^ +at (?:async )?(?:[^(]*\()?/;

/** What {@link SourcePositions} are made of. */
export interface SourcePositionsInit {
  /** How the path of the bundle ends, as far as it is known: `['index.mjs']`, or with the folder that it is in. */
  readonly path: readonly string[];
  /** A place that has this in its path is none in the bundle: `/node_modules/`. */
  readonly except?: string;
  /** The map as JSON text. Called once, when a stack first needs it; what it throws means that there is none. */
  readonly readMap: () => string;
}

/** Lines and columns from 1. */
export interface SourcePlace {
  /** As the source map names the file: from the root of the project. */
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

interface Found {
  readonly begin: number;
  readonly end: number;
  readonly place: SourcePlace;
}

const textOf = ({ source, line, column }: SourcePlace): string => `${source}:${line}:${column}`;

/**
 * The positions in the files that one bundle was made of.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { SourcePositions } from 'polyfaas/spi';
 *
 * const positions = new SourcePositions({
 *   path: ['index.mjs'],
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

  constructor({ path, except, readMap }: SourcePositionsInit) {
    this.#ends = [posix.sep, win32.sep].map((sep) => `${['', ...path].join(sep)}:`);
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

  /** The places of the frames that are in the bundle, the innermost first. */
  placesIn(stack: string): readonly SourcePlace[] {
    return stack.split('\n').flatMap((line) => this.#find(line)?.place ?? []);
  }

  #located(line: string): string {
    const found = this.#find(line);
    if (found === undefined) return line;
    const { begin, end, place } = found;
    return line.slice(0, begin) + textOf(place) + line.slice(end);
  }

  /** The place that a line names, and where in the line that is. */
  #find(line: string): Found | undefined {
    const begin = FRAME.exec(line)?.[0].length;
    const mark = this.#ends.find((one) => line.includes(one));
    if (begin === undefined || mark === undefined) return undefined;
    const from = line.indexOf(mark) + mark.length;
    const [whole, row, column] = /^(\d+):(\d+)/.exec(line.slice(from)) ?? [];
    if (whole === undefined) return undefined;
    if (this.#except !== undefined && line.slice(begin, from).includes(this.#except)) {
      return undefined;
    }
    const found = this.#read()?.findEntry(Number(row) - 1, Number(column) - 1);
    if (found === undefined || !('originalSource' in found)) return undefined;
    const { generatedLine, originalSource: source, originalLine, originalColumn } = found;
    // The last of the map, for a line that the bundle does not have: the stack is of something else.
    if (generatedLine !== Number(row) - 1) return undefined;
    const place = { source, line: originalLine + 1, column: originalColumn + 1 };
    return { begin, end: from + whole.length, place };
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
