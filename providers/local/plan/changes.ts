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
  { spec, artifact, versionDigest: to }: DeployRequest,
  live: VersionRecord | undefined,
): readonly Change[] {
  if (!live) return [{ action: 'create', subject: 'version', to }];
  const { memoryMb, timeoutSeconds, env } = spec;
  return [
    { action: 'update', subject: 'version', from: live.digest, to },
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
