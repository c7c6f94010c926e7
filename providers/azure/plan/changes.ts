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
  // Only the names of the variables are noted: one that has another value is not told.
  changes.push(
    ...versionFieldChanges(live, note),
    ...envChanges(present(live.env), present(note.env)),
  );
  return changes;
}

function present(names: readonly string[]): Readonly<Record<string, true>> {
  return Object.fromEntries(names.map((name) => [name, true]));
}
