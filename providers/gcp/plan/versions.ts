/** Which versions stay, and what their revisions are tagged with. */
import type { Target } from '../model.ts';
import { isKept } from '../observe.ts';
import { tagOf } from '../names.ts';
import type { Place } from '../place.ts';
import type { FunctionRecord, VersionNote } from '../record.ts';
import type { TaggedRevision } from '../steps.ts';

/** The versions that can be gone back to, oldest first. */
export function keptVersions({
  versions,
}: Pick<FunctionRecord, 'versions'>): readonly VersionNote[] {
  return versions.filter(isKept);
}

/** What a record becomes when some of its versions go. */
export interface Retained {
  /** What stays in the record: also what Cloud Run keeps for now, as no version. */
  readonly notes: readonly VersionNote[];
  /** Versions that are none any more. */
  readonly dropped: readonly VersionNote[];
  /** Revisions that can be deleted. */
  readonly doomed: readonly string[];
}

/**
 * Keeps the live version, the one that was live before it, and the newest of the others. The revision that was made last
 * stays in any case: Cloud Run does not delete it.
 *
 * @param notes in the order in which they were made.
 */
export function retain(
  notes: readonly VersionNote[],
  live: string,
  options: {
    readonly previous: string | null;
    readonly keepVersions: number;
    /** A revision is about to be made: all of these can be deleted. */
    readonly isNewest: boolean;
  },
): Retained {
  const { previous, keepVersions, isNewest } = options;
  const versions = notes.filter(isKept);
  const first = [live, ...(previous === null || previous === live ? [] : [previous])];
  const rest = versions
    .map(({ version }) => version)
    .filter((version) => !first.includes(version))
    .toReversed();
  // A new version is no note yet, and counts.
  const kept = new Set([...first, ...rest].slice(0, Math.max(1, keepVersions)));
  const newest = isNewest ? null : notes.findLast(({ revision }) => revision !== null);
  const stays: VersionNote[] = [];
  const dropped: VersionNote[] = [];
  const doomed: string[] = [];
  for (const note of notes) {
    if (isKept(note) && kept.has(note.version)) {
      stays.push(note);
      continue;
    }
    // It is made anew, of the revision that is there.
    if (note.version === live) continue;
    if (isKept(note)) dropped.push(note);
    if (note === newest) stays.push({ ...note, createdAt: null });
    else if (note.revision !== null) doomed.push(note.revision);
  }
  return { notes: stays, dropped, doomed };
}

/**
 * The service account that was made for the function, where it works as another one now, and one of the versions works as
 * the one that was made. Else null.
 */
export function keptAccountOf(
  notes: readonly VersionNote[],
  { serviceAccount }: Pick<Target, 'serviceAccount'>,
  { ownServiceAccount: own }: Pick<Place, 'ownServiceAccount'>,
): string | null {
  if (serviceAccount === own) return null;
  return notes.some((note) => isKept(note) && (note.serviceAccount ?? own) === own) ? own : null;
}

/** What is about to be deleted is no version from then on: nobody goes back to it. */
export function demoted(
  notes: readonly VersionNote[],
  dropped: readonly VersionNote[],
): readonly VersionNote[] {
  return notes.map((note) => (dropped.includes(note) ? { ...note, createdAt: null } : note));
}

export function taggedRevisions(notes: readonly VersionNote[]): readonly TaggedRevision[] {
  return notes.flatMap((note) =>
    isKept(note) && note.revision !== null
      ? [{ revision: note.revision, tag: tagOf(note.version) }]
      : [],
  );
}
