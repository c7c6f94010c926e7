/** What a deploy makes different, for people. */
import type { Change } from 'polyfaas/spi';
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
  for (const field of ['memoryMb', 'timeoutSeconds'] as const) {
    if (live[field] === note[field]) continue;
    changes.push({ action: 'update', subject: field, from: live[field], to: note[field] });
  }
  if (live.artifactDigest !== note.artifactDigest) {
    changes.push({ action: 'update', subject: 'code' });
  }
  return changes;
}
