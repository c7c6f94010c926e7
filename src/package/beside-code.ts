import { existsSync } from 'node:fs';
import { dirname, posix, resolve } from 'node:path';
import { ENTRY_NAME, OWN_FOLDER } from './entry-module.ts';
import { isFileName } from './input-files.ts';
import { packageOf } from './native.ts';
import { inNodeModules, isInside } from './paths.ts';
import { textOf } from './text-of.ts';

/** A path in quotes, beside `import.meta.url`, `import.meta.dirname` or `__dirname`, in a line that is no comment. */
const BESIDE =
  /^(?!\s*(?:\*|\/\/|\/\*)).*?(?:\bnew URL\(\s*(['"`])(?<url>[^'"`$:]+)\1\s*,\s*import\.meta\.url\b|\b(?:join|resolve)\(\s*(?:import\.meta\.dirname|__dirname)\s*,\s*(['"`])(?<path>[^'"`$]+)\3\s*\))/gm;

/** What was bundled, and what came of it. */
export interface BesideCode {
  readonly root: string;
  /** Root-relative paths of the files that were bundled. */
  readonly inputs: readonly string[];
  /** The bundle's own path in the artifact. */
  readonly entryFile: string;
  /** Paths of all files of the artifact. */
  readonly paths: ReadonlySet<string>;
}

/**
 * What is said of own code that looks for a file beside itself: it is there on this machine, but code is in the bundle when
 * it runs, and beside that it is not. Packages are not looked at: many have such places that are never reached.
 */
export function besideCode({ root, inputs, entryFile, paths }: BesideCode): readonly string[] {
  const folder = posix.dirname(entryFile);
  const holds = (path: string): boolean =>
    paths.has(path) || [...paths].some((one) => one.startsWith(`${path.replace(/\/$/, '')}/`));
  return inputs.flatMap((input) => {
    const file = resolve(root, input);
    if (!isFileName(input) || input === ENTRY_NAME || inNodeModules(input)) return [];
    if (isInside(OWN_FOLDER, file)) return [];
    const text = textOf(file);
    return [...text.matchAll(BESIDE)].flatMap(({ 0: match, groups, index }) => {
      const written = groups?.['url'] ?? groups?.['path'] ?? '';
      const there = posix.normalize(posix.join(folder, written));
      const here = resolve(dirname(file), written);
      if (/^[./]*$/.test(written) || holds(there) || !existsSync(here)) return [];
      const line = text.slice(0, index + match.length).split('\n').length;
      return [`${input}:${line} ${besideProblem(input, written)}`];
    });
  });
}

/**
 * @param input root-relative path of the source
 * @param written what it looks for, from where it lies
 * @param isPackaged the file is in the artifact, but not where it is looked for
 */
export function besideProblem(input: string, written: string, isPackaged = false): string {
  const what = `looks for "${written}" beside itself, but runs in the bundle, beside which that is not`;
  const path = posix.normalize(posix.join(posix.dirname(input), written));
  if (path.startsWith('..'))
    return `${what}. Name the package that it belongs to in \`package.external\`, or set \`root\` to a folder that holds both`;
  const packageName = packageOf(input);
  if (packageName !== undefined)
    return `${what}. Name "${packageName}" in \`package.external\`: then it stays a package, with its files`;
  const look = `ook for "./${path}": it keeps its path from the root, where the bundle lies`;
  return isPackaged
    ? `${what}. L${look}`
    : `${what}. Name "${path}" in \`package.include\`, and l${look}`;
}
