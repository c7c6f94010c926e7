/** What a full reading tells besides: whether somebody else changed what the function app stands on. */
import { digestOf, type DeployRequest } from 'polyfaas/spi';
import { versionSettings } from '../environment.ts';
import { versionName } from '../fingerprint.ts';
import type { SettingValue } from '../events/types.ts';
import { isRole } from '../events/made/list.ts';
import { isCosmosRole, parseRoleKey, type RoleNeed } from '../events/roles.ts';
import { packageSetting, SETTING } from '../manifest.ts';
import type { AzureObserved, Target } from '../model.ts';
import { insightsIds } from '../names.ts';
import { roleKey } from '../observe/roles.ts';
import type { FunctionSettings, PlatformSettings } from '../options.ts';
import type { FunctionRecord } from '../record.ts';
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
  const own = [SETTING.async, SETTING.bindings].map((name) =>
    packageSetting(record.settingsKey, name),
  );
  const lacks = [SETTING.invokeKeys, ...own].some((name) => actualSettings[name] === undefined);
  const lostEnv = (record.live?.env ?? []).some(
    (name) => actualSettings[`${SETTING.version}${version}_${name}`] === undefined,
  );
  const lostRoles =
    actualRoles !== null &&
    isOwnIdentity(target) &&
    [...hostRoles(target), ...notedRoles(target, record)].some(
      ({ scope, roleId }) => !actualRoles.includes(roleKey(scope, roleId)),
    );
  return (
    isChanged ||
    lacks ||
    lostEnv ||
    lostRoles ||
    observed.missing.length > 0 ||
    lostTelemetry(target, settings, observed)
  );
}

/** True when settings that follow from the bindings are gone, or were changed by hand. False when nothing was read. */
export function hasLostSettings(
  settings: Readonly<Record<string, SettingValue>>,
  { actualSettings, isStranger }: AzureObserved,
): boolean {
  if (actualSettings === null || isStranger) return false;
  return Object.entries(settings).some(
    ([name, value]) =>
      actualSettings[name] === undefined ||
      (typeof value === 'string' && actualSettings[name] !== digestOf(value)),
  );
}

/** What the record notes of roles, as far as a list of the subscription's tells them. */
function notedRoles({ subscriptionId }: Target, { made }: FunctionRecord): readonly RoleNeed[] {
  const here = `/subscriptions/${subscriptionId}/`.toLowerCase();
  return made.flatMap(({ kind, id }) => {
    const need = isRole(kind) ? parseRoleKey(id) : undefined;
    const isTold =
      need !== undefined && !isCosmosRole(need.roleId) && need.scope.toLowerCase().startsWith(here);
    return isTold ? [need] : [];
  });
}

function lostTelemetry(
  { ref, subscriptionId, resourceGroup }: Target,
  { insights }: FunctionSettings,
  { actualSettings, telemetry }: AzureObserved,
): boolean {
  if (insights.kind === 'none') return false;
  if (actualSettings?.[HOST.insights] === undefined) return true;
  if (insights.kind === 'given' || telemetry === null) return false;
  const isShared = insights.kind === 'shared';
  const workspace = isShared ? null : insights.workspaceId;
  const ids = insightsIds(ref, subscriptionId, resourceGroup, workspace);
  // A workspace of the user's is the user's to make.
  const wanted = isShared ? [ids.componentId, ids.workspaceId] : [ids.componentId];
  return wanted.some((id) => !telemetry.includes(id.toLowerCase()));
}
