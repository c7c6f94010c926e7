/** Freezes `$LATEST` into a version. */
import { createHash } from 'node:crypto';
import {
  PUBLISH_MS,
  Revision,
  type FunctionState,
  type LambdaState,
  type VersionState,
} from './state.ts';

/** The newest version when nothing changed since, else a new one. */
export function publish(
  state: LambdaState,
  fn: FunctionState,
  description: string | undefined,
): VersionState {
  const newest = fn.versions.get(String(fn.lastVersion));
  if (newest && fingerprint(newest) === fingerprint(fn.latest)) return newest;
  const { settings, code } = fn.latest;
  const now = state.now();
  fn.lastVersion += 1;
  const version: VersionState = {
    version: String(fn.lastVersion),
    settings: { ...settings, description: description ?? settings.description },
    code,
    modifiedAt: fn.latest.modifiedAt,
    revision: new Revision(now + PUBLISH_MS),
    activeAt: Math.max(now, fn.latest.activeAt) + PUBLISH_MS,
  };
  fn.versions.set(version.version, version);
  return version;
}

/** A description of the version's own is no change. */
function fingerprint(version: VersionState): string {
  const { description: _, ...settings } = version.settings;
  return createHash('sha256')
    .update(JSON.stringify([settings, version.code.sha256]))
    .digest('hex');
}
