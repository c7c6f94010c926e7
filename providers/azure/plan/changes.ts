/** What a deploy makes different, for people. */
import { type Change, envChanges, versionFieldChanges } from 'polyfaas/spi';
import type { AzureObserved } from '../model.ts';
import type { VersionNote } from '../record.ts';

export function versionChanges(
  note: VersionNote,
  { site, record: { live }, isStranger }: AzureObserved,
): readonly Change[] {
  const changes: Change[] = [];
  if (site === null || isStranger) {
    changes.push({ action: site === null ? 'create' : 'update', subject: 'function' });
  }
  if (live?.digest === note.digest && !isStranger) return changes;
  changes.push({
    action: live ? 'update' : 'create',
    subject: 'version',
    ...(live ? { from: live.version } : {}),
    to: note.version,
  });
  if (!live || isStranger) return changes;
  changes.push(
    ...versionFieldChanges(live, note),
    ...envChanges(known(live, live, note), known(note, live, note)),
  );
  return changes;
}

/** By their names alone, where one of two notes is older than the marks. */
function known(
  { env, marks = [] }: VersionNote,
  ...both: readonly VersionNote[]
): Readonly<Record<string, unknown>> {
  const hasMarks = both.every((note) => note.marks !== undefined);
  return Object.fromEntries(env.map((name, index) => [name, hasMarks ? marks[index] : true]));
}
