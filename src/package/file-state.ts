import { hash } from 'node:crypto';
import { readdirSync, readFileSync, type Stats } from 'node:fs';
import { statOf } from './paths.ts';

/** A file or folder as it was: enough to tell later, cheaply, that nothing changed. */
export interface FileState {
  /** Relative to the root, with `/`; may begin with `../`. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'missing';
  readonly size: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
  readonly executable: boolean;
  /** Of the contents, or of the names in a folder; empty when missing. */
  readonly hash: string;
}

// A file written in the same instant as it was read can change without its times changing.
const TIMES_ARE_TRUSTED_AFTER_MS = 2_000;

/** Reads the state of what is at `path` now. */
export function stateOf(root: string, path: string): FileState {
  const absolute = pathOf(root, path);
  const found = statOf(absolute);
  if (!found || !(found.isFile() || found.isDirectory())) {
    return {
      path,
      kind: 'missing',
      size: 0,
      modifiedMs: 0,
      changedMs: 0,
      executable: false,
      hash: '',
    };
  }
  const folder = found.isDirectory();
  return {
    path,
    kind: folder ? 'folder' : 'file',
    size: folder ? 0 : found.size,
    modifiedMs: found.mtimeMs,
    changedMs: found.ctimeMs,
    executable: !folder && isExecutable(found),
    hash: folder ? hashNames(absolute) : hash('sha256', readFileSync(absolute)),
  };
}

/** True when what is there is what was there. Times and size first; contents only when those leave a doubt. */
export function isUnchanged(root: string, before: FileState, recordedAtMs: number): boolean {
  const absolute = pathOf(root, before.path);
  const found = statOf(absolute);
  const kind = !found
    ? 'missing'
    : found.isFile()
      ? 'file'
      : found.isDirectory()
        ? 'folder'
        : 'missing';
  if (kind !== before.kind) return false;
  if (!found || kind === 'missing') return true;
  if (
    kind === 'file' &&
    (found.size !== before.size || isExecutable(found) !== before.executable)
  ) {
    return false;
  }
  const sameTimes = found.mtimeMs === before.modifiedMs && found.ctimeMs === before.changedMs;
  // The time of change is the system's own; that of modification can be set to anything.
  if (sameTimes && found.ctimeMs < recordedAtMs - TIMES_ARE_TRUSTED_AFTER_MS) return true;
  const now = kind === 'folder' ? hashNames(absolute) : hash('sha256', readFileSync(absolute));
  return now === before.hash;
}

// Not by `join`, which for long ways up takes as long as the look at the file. The root is a real path, so the system
// finds the same.
const pathOf = (root: string, path: string): string => `${root}/${path}`;

const isExecutable = ({ mode }: Stats): boolean => (mode & 0o111) !== 0;

// Names that come and go without meaning for the bundler are left out.
const hashNames = (folder: string): string =>
  hash(
    'sha256',
    readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort()
      .join('\n'),
  );
