/** What a deploy makes different, for people. */
import {
  type Change,
  type DeployRequest,
  envChanges,
  fieldChanges,
  jsonObject,
  type JsonObject,
  versionFieldChanges,
} from 'polyfaas/spi';
import type { FunctionSettings, VersionRecord } from '../state/functions.ts';

export function versionChanges(
  { spec, artifact, versionDigest }: DeployRequest,
  live: VersionRecord | undefined,
  kept: readonly VersionRecord[],
): readonly Change[] {
  const same = kept.find(({ digest }) => digest === versionDigest);
  // The number of a new one is known once it is made.
  const to = same === undefined ? {} : { to: String(same.version) };
  if (!live) return [{ action: 'create', subject: 'version', ...to }];
  // Its code is gone, and is stored anew.
  if (same === live) return [{ action: 'update', subject: 'code' }];
  const { memoryMb, timeoutSeconds, env } = spec;
  return [
    { action: 'update', subject: 'version', from: String(live.version), ...to },
    ...versionFieldChanges(live, { memoryMb, timeoutSeconds, artifactDigest: artifact.digest }),
    ...envChanges(live.env, env),
  ];
}

/** Of what belongs to no version. */
export function settingChanges(
  before: FunctionSettings,
  after: FunctionSettings,
): readonly Change[] {
  const to = byName(after);
  return fieldChanges(byName(before), to, Object.keys(to));
}

/** By the names under which they are declared. */
function byName({ sampleRate, instance, ...settings }: FunctionSettings): JsonObject {
  const options = Object.entries(instance).map(
    ([name, value]) => [`providerOptions.local.${name}`, value] as const,
  );
  return jsonObject({
    ...settings,
    'tracing.sampleRate': sampleRate,
    ...Object.fromEntries(options),
  });
}
