/** What a deploy makes different, for people. */
import { type Change, envChanges, fieldChanges, jsonObject } from 'polyfaas/spi';
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
  note: Pick<VersionNote, 'version' | 'digest' | 'config' | 'artifactDigest' | 'env'>,
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
  changes.push(
    ...fieldChanges(jsonObject(live.config), jsonObject(note.config), TOLD),
    ...variableChanges(live, note),
  );
  if (live.artifactDigest !== note.artifactDigest) {
    changes.push({ action: 'update', subject: 'code' });
  }
  return changes;
}

function variableChanges(
  live: Pick<VersionNote, 'config' | 'env'>,
  note: Pick<VersionNote, 'config' | 'env'>,
): readonly Change[] {
  // A note that is older than the marks tells of its secrets alone.
  const isKnown = live.env === undefined || live.env.marks !== undefined;
  const env = (of: Pick<VersionNote, 'config' | 'env'>) => ({
    ...(isKnown ? of.env?.marks : {}),
    ...of.config.secrets,
  });
  return envChanges(env(live), env(note));
}

export function removedVersions(versions: readonly string[]): readonly Change[] {
  return versions.map((version) => ({ action: 'delete', subject: `version ${version}` }));
}
