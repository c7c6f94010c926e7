/** What a deploy makes different, for people. */
import { type Change, versionFieldChanges } from 'polyfaas/spi';
import type { GcpObserved } from '../model.ts';
import type { VersionNote } from '../record.ts';

export function versionChanges(
  note: VersionNote,
  live: VersionNote | undefined,
  { function: found, isStranger }: Pick<GcpObserved, 'function' | 'isStranger'>,
): readonly Change[] {
  const changes: Change[] = [];
  if (found === null || isStranger) {
    changes.push({ action: found === null ? 'create' : 'update', subject: 'function' });
  }
  if (live?.digest === note.digest) return changes;
  changes.push({
    action: live ? 'update' : 'create',
    subject: 'version',
    ...(live ? { from: live.version } : {}),
    to: note.version,
  });
  if (!live) return changes;
  changes.push(...versionFieldChanges(live, note));
  return changes;
}
