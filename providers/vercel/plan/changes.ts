/** What a deploy makes different, for people. */
import type { Change } from 'polyfaas/spi';
import type { VercelObserved } from '../model.ts';
import type { VersionNote } from '../record.ts';

export function versionChanges(
  note: Pick<VersionNote, 'version' | 'digest' | 'config' | 'artifactDigest'>,
  live: VersionNote | undefined,
  { project, isStranger }: Pick<VercelObserved, 'project' | 'isStranger'>,
): readonly Change[] {
  const changes: Change[] = [];
  if (project === null || isStranger) {
    changes.push({ action: project === null ? 'create' : 'update', subject: 'function' });
  }
  if (live?.digest === note.digest) return changes;
  changes.push({
    action: live ? 'update' : 'create',
    subject: 'version',
    ...(live ? { from: live.version } : {}),
    to: note.version,
  });
  if (!live) return changes;
  for (const field of ['memoryMb', 'timeoutSeconds', 'concurrency'] as const) {
    const [from, to] = [live.config[field], note.config[field]];
    if (from !== to) changes.push({ action: 'update', subject: field, from, to });
  }
  if (live.artifactDigest !== note.artifactDigest) {
    changes.push({ action: 'update', subject: 'code' });
  }
  return changes;
}

export function removedVersions(versions: readonly string[]): readonly Change[] {
  return versions.map((version) => ({ action: 'delete', subject: `version ${version}` }));
}
