/** What a deploy makes different, for people. */
import { type Change, fieldChanges, jsonObject } from 'polyfaas/spi';
import type { VercelObserved } from '../model.ts';
import type { VersionConfig, VersionNote } from '../record.ts';

const TOLD = [
  'memoryMb',
  'timeoutSeconds',
  'concurrency',
  'runtime',
  'regions',
] as const satisfies readonly (keyof VersionConfig)[];

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
  changes.push(...fieldChanges(jsonObject(live.config), jsonObject(note.config), TOLD));
  if (live.artifactDigest !== note.artifactDigest) {
    changes.push({ action: 'update', subject: 'code' });
  }
  return changes;
}

export function removedVersions(versions: readonly string[]): readonly Change[] {
  return versions.map((version) => ({ action: 'delete', subject: `version ${version}` }));
}
