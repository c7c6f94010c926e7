import { globSync, lstatSync, readFileSync } from 'node:fs';
import { isAbsolute, join, normalize, relative } from 'node:path';
import type { AddedFile } from './added-file.ts';
import { messageOf, refused } from './errors.ts';
import { fileMode } from './file-mode.ts';
import { stateFinder } from './state-folders.ts';
import { isInside, realpathOf, statOf, toPosix } from './paths.ts';

/** The files that `package.include` names: root-relative path to absolute real path, sorted by path. */
export function findIncluded(
  root: string,
  functionName: string,
  patterns: readonly string[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const isState = stateFinder(realpathOf(root) ?? root);
  for (const [index, pattern] of patterns.entries()) {
    const field = `\`package.include[${index}]\` is "${pattern}"`;
    if (isAbsolute(pattern) || pattern.split(/[\\/]/).includes('..')) {
      throw refused(
        functionName,
        `${field}, which leaves the root ${root}. Give a pattern relative to the root, without "..".`,
      );
    }
    const before = found.size;
    let matched = false;
    // A file whose name is a pattern, such as `[id].html`, is meant itself.
    const named = statOf(join(root, pattern))?.isFile() ? normalize(pattern) : undefined;
    const matches =
      named === undefined ? globSync(pattern, { cwd: root, exclude: skip(pattern) }) : [named];
    for (const match of matches) {
      const real = realFile(root, functionName, field, toPosix(match));
      if (real === undefined) continue;
      if (isState(real)) {
        if (named === undefined && !pattern.includes('.polyfaas')) continue;
        throw refused(
          functionName,
          `${field}: "${toPosix(match)}" belongs to the state that the local provider keeps, with its secrets. Take it out.`,
        );
      }
      matched = true;
      found.set(toPosix(match), real);
    }
    if (!matched && found.size === before) {
      throw refused(
        functionName,
        `${field}, which matches no file under ${root}. Correct it, or take it out.`,
      );
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Installed modules and the history are only taken where a pattern names them. */
const skip =
  (pattern: string) =>
  (path: string): boolean =>
    toPosix(path)
      .split('/')
      .some(
        (part) => ['node_modules', '.git', '.polyfaas'].includes(part) && !pattern.includes(part),
      );

function realFile(
  root: string,
  functionName: string,
  field: string,
  path: string,
): string | undefined {
  const real = realpathOf(join(root, path));
  if (real === undefined) {
    throw refused(
      functionName,
      `${field}: "${path}" is a symbolic link to nothing. Repair or remove it.`,
    );
  }
  if (!isInside(root, real)) {
    const link = lstatSync(join(root, path)).isSymbolicLink()
      ? 'is a symbolic link that'
      : 'is in a linked folder that';
    throw refused(
      functionName,
      `${field}: "${path}" ${link} leaves the root ${root}. Copy what it leads to, or exclude it.`,
    );
  }
  return statOf(real)?.isFile() ? real : undefined;
}

/** Reads what {@link findIncluded} found. */
export function readIncluded(
  root: string,
  functionName: string,
  found: ReadonlyMap<string, string>,
): AddedFile[] {
  return [...found].map(([path, real]) => {
    const bytes = bytesOf(functionName, path, real);
    const mode = fileMode(path, statOf(real)?.mode ?? 0, bytes);
    return { path, source: toPosix(relative(root, real)), mode, bytes };
  });
}

function bytesOf(functionName: string, path: string, real: string): Uint8Array {
  try {
    return readFileSync(real);
  } catch (cause) {
    throw refused(
      functionName,
      `\`package.include\`: "${path}" was found, and cannot be read: ${messageOf(cause)}. Give this user the right to read it, or, if it is being written anew, deploy again.`,
      { cause },
    );
  }
}
