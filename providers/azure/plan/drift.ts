/** What a full reading tells besides: whether somebody else changed what the function app stands on. */
import { digestOf, type DeployRequest } from 'polyfaas/spi';
import { versionSettings } from '../environment.ts';
import { versionName } from '../fingerprint.ts';
import { SETTING } from '../manifest.ts';
import type { AzureObserved } from '../model.ts';
import { roleKey } from '../observe/roles.ts';
import type { FunctionSettings, PlatformSettings } from '../options.ts';
import { HOST } from '../setting-names.ts';
import { baseSettings, hostRoles, isOwnIdentity } from './foundation.ts';
import { targetOf } from './parts.ts';

/** False when nothing was read. */
export function hasDrifted(
  platform: PlatformSettings,
  settings: FunctionSettings,
  request: DeployRequest,
  observed: AzureObserved,
): boolean {
  const { actualSettings, actualRoles, record } = observed;
  if (actualSettings === null || observed.isStranger || observed.site === null) return false;
  const target = targetOf(platform, request, observed, { settings });
  const base = baseSettings(target, settings);
  const expected: Record<string, unknown> = { ...settings.appSettings, ...base };
  // Those of a version that is not live yet are no drift.
  const version = record.live ? versionName(record.live.digest) : '';
  const env = versionSettings(version, request.spec.env, settings.keyVault);
  for (const [name, value] of Object.entries(env)) {
    if (Object.hasOwn(actualSettings, name)) expected[name] = value;
  }
  const isChanged = Object.entries(expected).some(
    ([name, value]) =>
      actualSettings[name] === undefined ||
      (typeof value === 'string' && actualSettings[name] !== digestOf(value)),
  );
  const lacks = [SETTING.invokeKeys, SETTING.async, SETTING.bindings].some(
    (name) => actualSettings[name] === undefined,
  );
  const lostEnv = (record.live?.env ?? []).some(
    (name) => actualSettings[`${SETTING.version}${version}_${name}`] === undefined,
  );
  const lostRoles =
    actualRoles !== null &&
    isOwnIdentity(target) &&
    hostRoles(target).some(({ scope, roleId }) => !actualRoles.includes(roleKey(scope, roleId)));
  return isChanged || lacks || lostEnv || lostRoles || lostTelemetry(settings, actualSettings);
}

function lostTelemetry(
  { insights }: FunctionSettings,
  actual: Readonly<Record<string, string>>,
): boolean {
  return insights.kind !== 'none' && actual[HOST.insights] === undefined;
}
