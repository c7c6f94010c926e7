/** Which versions are kept, and which stay. */
import type { VercelObserved } from '../model.ts';
import { DEAD_STATES } from '../observe/deployments.ts';
import { promotedNow } from '../observe/project.ts';
import type { FunctionRecord, VersionNote } from '../record.ts';

/** A note of a version that is deployed. */
export interface KeptNote extends VersionNote {
  readonly deployment: NonNullable<VersionNote['deployment']>;
}

/** What there is of a function's versions. */
export interface PresentVersions {
  /** The one that production traffic reaches, whoever gave it to it. */
  readonly live: KeptNote | undefined;
  /** The versions that can be gone back to, each once, oldest first; the live one among them. */
  readonly kept: readonly KeptNote[];
  /** Versions whose deployments somebody deleted: told by a full reading only. */
  readonly gone: readonly string[];
  /**
   * Notes of deployments that may go live by themselves: a promotion is under way, or may still be asked for by who noted
   * them. No versions to go back to, but no record may lose them as long as it is not known that they do not serve.
   */
  readonly coming: readonly KeptNote[];
}

/** A deployment that was noted, and never went into production, is none to go back to. */
export function presentVersions(
  { versions, next }: Pick<FunctionRecord, 'versions' | 'next'>,
  { project, deployments }: Pick<VercelObserved, 'project' | 'deployments'>,
): PresentVersions {
  const deployed = versions.filter(isDeployed);
  const isLive = ({ deployment }: KeptNote): boolean => deployment.id === project?.production;
  const isThere = (note: KeptNote): boolean =>
    isLive(note) ||
    deployments === null ||
    deployments.some(({ id, state }) => id === note.deployment.id && !DEAD_STATES.has(state));
  const kept: KeptNote[] = [];
  const gone: string[] = [];
  for (const version of new Set(deployed.map((note) => note.version))) {
    const notes = deployed.filter((note) => note.version === version);
    const createdAt = notes.find((note) => note.createdAt !== null)?.createdAt ?? null;
    const note = notes.find(isLive) ?? notes.find((one) => one.createdAt !== null);
    if (!note) continue;
    if (isThere(note)) kept.push({ ...note, createdAt });
    else gone.push(version);
  }
  const promoted = project && promotedNow(project);
  // Only the last can belong to who is still at work; others that are not known to serve are about to go.
  const noted = next === null ? undefined : deployed.at(-1);
  const known = new Set(kept.map(({ deployment }) => deployment.id));
  const coming = new Map(
    deployed
      .filter((note) => note === noted || note.deployment.id === promoted)
      .filter((note) => note.createdAt === null && isThere(note) && !known.has(note.deployment.id))
      .map((note) => [note.deployment.id, note]),
  );
  return { live: kept.find(isLive), kept, gone, coming: [...coming.values()] };
}

/**
 * As they are noted while some of them go: these are no kept versions any more, and are still known, for somebody may make
 * them live by hand before their deployments are deleted.
 */
export function untilGone(
  kept: readonly KeptNote[],
  stays: (note: KeptNote) => boolean,
): readonly KeptNote[] {
  const going = kept.filter((note) => !stays(note));
  return [...going.map((note) => ({ ...note, createdAt: null })), ...kept.filter(stays)];
}

function isDeployed(note: VersionNote): note is KeptNote {
  return note.deployment !== null;
}

/**
 * Which versions go: those beyond the live one, the one that was live before it, and the newest of the others.
 *
 * @param kept oldest first.
 * @param live the one that is live in the end: it counts, also when it is no kept one yet.
 */
export function droppedVersions(
  kept: readonly KeptNote[],
  live: string,
  options: { readonly previous: string | null; readonly keepVersions: number },
): readonly string[] {
  const { previous, keepVersions } = options;
  const names = kept.map(({ version }) => version);
  const first = [live, ...(previous === null || previous === live ? [] : [previous])];
  const rest = names.filter((version) => !first.includes(version)).toReversed();
  const stays = new Set([...first, ...rest].slice(0, Math.max(1, keepVersions)));
  return names.filter((version) => !stays.has(version));
}
