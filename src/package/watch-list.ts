import { lstatSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { isInside, realpathOf, statOf, toPosix } from './paths.ts';

/** What the bundler tries after a path as it is written; and what it tries in the place of an extension. */
const EXTENSIONS = ['.tsx', '.ts', '.jsx', '.js', '.css', '.json'];
const REWRITTEN: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.jsx': ['.ts', '.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};

/** Collects the paths whose change, coming or going means bundling again. */
export class WatchList {
  readonly #root: string;
  readonly #paths = new Set<string>();
  readonly #links = new Set<string>();
  readonly #walked = new Set<string>();
  readonly #candidates = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Root-relative paths, with `/`, to look at through links. */
  get paths(): string[] {
    return [...this.#paths].sort();
  }

  /** Root-relative paths of links, whose targets matter. */
  get links(): string[] {
    return [...this.#links].sort();
  }

  /** What is at the path: a file's contents, a folder's names, or nothing. */
  note(absolute: string): void {
    this.#paths.add(toPosix(relative(this.#root, absolute)));
  }

  /** The links on the way to a path, up to a folder that `from` is in, which is a real path. */
  noteLinks(absolute: string, from: string): void {
    for (let at = absolute; !this.#walked.has(at); at = dirname(at)) {
      if (isInside(at, from) || dirname(at) === at) return;
      this.#walked.add(at);
      if (linkAt(at)) this.#links.add(toPosix(relative(this.#root, at)));
    }
  }

  /**
   * A path as an import names it, and the file that the bundler took for it: what could be taken instead tomorrow.
   *
   * @param from the real folder of the file that imports
   * @param found absolute real path; undefined where nothing was found
   */
  noteCandidate(absolute: string, from: string, found: string | undefined): void {
    const key = `${absolute}\0${found ?? ''}`;
    if (this.#candidates.has(key)) return;
    this.#candidates.add(key);
    this.noteLinks(absolute, from);
    // The path as it is written comes before all others.
    if (absolute === found || (found !== undefined && realpathOf(absolute) === found)) return;
    this.note(dirname(absolute));
    this.note(absolute);
    if (statOf(absolute)?.isDirectory()) {
      this.note(join(absolute, 'package.json'));
      if (found !== undefined) this.#noteWithin(absolute, found);
    }
    const name = basename(absolute);
    // The state of a folder leaves hidden names out.
    if (name.startsWith('.')) for (const path of spellings(absolute)) this.note(path);
  }

  /** A folder that is imported can name a file deeper in it, which may have no extension either. */
  #noteWithin(folder: string, found: string): void {
    const real = realpathOf(folder);
    if (real !== undefined && isInside(real, found)) this.note(dirname(found));
  }
}

function linkAt(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false;
  }
}

function spellings(path: string): string[] {
  const extension = /\.[cm]?jsx?$/.exec(path)?.[0] ?? '';
  return [
    ...EXTENSIONS.map((more) => path + more),
    ...(REWRITTEN[extension] ?? []).map((other) => path.slice(0, -extension.length) + other),
  ];
}
