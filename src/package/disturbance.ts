import { dirname } from 'node:path';
import type { FileState } from './file-state.ts';
import { linkStateOf, stateOf } from './file-state.ts';
import { statOf } from './paths.ts';

/** What changed, or may have changed, while the bundler read it. */
export interface Disturbance {
  /** Files whose contents changed: the bundle may hold a part of the old and a part of the new. */
  readonly files: readonly string[];
  /** Folders, links and files that came or went. */
  readonly others: readonly string[];
}

/** States as they were before a build, to compare with those after it. */
export type StatesBefore = ReadonlyMap<string, FileState>;

const keyOf = ({ path, kind }: FileState): string => `${kind === 'link' ? 'link' : ''}:${path}`;

/** Looks again at all that the last build depended on. */
export const statesBefore = (root: string, states: readonly FileState[]): StatesBefore =>
  new Map(
    states
      .map(({ path, kind }) => (kind === 'link' ? linkStateOf(root, path) : stateOf(root, path)))
      .map((state) => [keyOf(state), state]),
  );

/**
 * Finds what changed since the build began. What was seen before it and is the same after it did not, whatever its
 * times say. An input that is no file any more, or never was one, cannot be known: it counts as changed.
 */
export function disturbanceOf(
  root: string,
  states: readonly FileState[],
  inputs: ReadonlySet<string>,
  { beganAtMs, before }: { readonly beganAtMs: number; readonly before: StatesBefore },
): Disturbance {
  const changes = new Map<string, number>();
  const isLost = ({ path, kind }: FileState): boolean => kind !== 'file' && inputs.has(path);
  const moved = states.filter((state) => {
    if (isLost(state)) return true;
    const changedMs =
      state.kind === 'missing' ? lostMs(root, state.path, changes) : state.changedMs;
    if (changedMs <= beganAtMs) return false;
    const earlier = before.get(keyOf(state));
    return earlier?.kind !== state.kind || earlier.hash !== state.hash;
  });
  const isContents = (state: FileState): boolean => state.kind === 'file' || isLost(state);
  return {
    files: moved.filter(isContents).map(({ path }) => path),
    others: moved.filter((state) => !isContents(state)).map(({ path }) => path),
  };
}

/** When something may last have gone from a path of the root: its folder changed. Folders above belong to others. */
function lostMs(root: string, path: string, changes: Map<string, number>): number {
  if (path.startsWith('..')) return 0;
  const folder = dirname(path);
  const known = changes.get(folder);
  if (known !== undefined) return known;
  const found = statOf(`${root}/${folder}`);
  const changedMs = found ? found.ctimeMs : lostMs(root, folder, changes);
  changes.set(folder, changedMs);
  return changedMs;
}
