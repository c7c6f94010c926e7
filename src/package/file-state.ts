import { hash } from 'node:crypto';
import {
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type Dirent,
  type Stats,
} from 'node:fs';
import { relative } from 'node:path';
import { statOf } from './paths.ts';

/** A file, folder or link as it was: enough to tell later, cheaply, that nothing changed. */
export interface FileState {
  /** Relative to the root, with `/`; may begin with `../`. */
  readonly path: string;
  /** A `link` is the link itself and where it leads; of the other kinds, what is there when links are followed. */
  readonly kind: 'file' | 'folder' | 'link' | 'missing';
  readonly size: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
  readonly executable: boolean;
  /** Of the contents, of the names in a folder, or of where a link leads; empty when missing. */
  readonly hash: string;
}

// A file written in the same instant as it was read can change without its times changing.
const TIMES_ARE_TRUSTED_AFTER_MS = 2_000;

/** Reads the state of what is at `path` now. */
export function stateOf(root: string, path: string): FileState {
  const absolute = pathOf(root, path);
  const found = statOf(absolute);
  if (!found || !(found.isFile() || found.isDirectory())) return nothingAt(path);
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

/** Reads where the link at `path` leads now. */
export function linkStateOf(root: string, path: string): FileState {
  const absolute = pathOf(root, path);
  const found = lstatSync(absolute, { throwIfNoEntry: false });
  if (!found?.isSymbolicLink()) return { ...nothingAt(path), kind: 'link' };
  return {
    path,
    kind: 'link',
    size: 0,
    modifiedMs: found.mtimeMs,
    changedMs: found.ctimeMs,
    executable: false,
    hash: targetOf(root, absolute),
  };
}

/** True when what is there is what was there. Times and size first; contents only when those leave a doubt. */
export function isUnchanged(root: string, before: FileState, recordedAtMs: number): boolean {
  const absolute = pathOf(root, before.path);
  // Never by its times: a link may lead to another one.
  if (before.kind === 'link') return targetOf(root, absolute) === before.hash;
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

const nothingAt = (path: string): FileState => ({
  path,
  kind: 'missing',
  size: 0,
  modifiedMs: 0,
  changedMs: 0,
  executable: false,
  hash: '',
});

// Not by `join`, which for long ways up takes as long as the look at the file. The root is a real path, so the system
// finds the same.
const pathOf = (root: string, path: string): string => `${root}/${path}`;

const isExecutable = ({ mode }: Stats): boolean => (mode & 0o111) !== 0;

function targetOf(root: string, absolute: string): string {
  try {
    return relative(root, realpathSync.native(absolute));
  } catch {
    return '';
  }
}

// Names that come and go without meaning for the bundler are left out; where a hidden name could mean something, it is
// watched by itself.
const hashNames = (folder: string): string =>
  hash(
    'sha256',
    readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.'))
      .map((item) => describeItem(folder, item))
      .sort()
      .join('\n'),
  );

function describeItem(folder: string, item: Dirent): string {
  if (!item.isSymbolicLink()) return item.isDirectory() ? `${item.name}/` : item.name;
  try {
    return `${item.name}\0${readlinkSync(`${folder}/${item.name}`)}`;
  } catch {
    // Gone since the folder was read.
    return item.name;
  }
}
