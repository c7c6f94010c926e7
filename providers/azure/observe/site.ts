/** Reads what Resource Manager tells of a function app. */
import type { JsonValue } from 'polyfaas/spi';
import { at, listAt, numberAt, objectAt, textAt, textsAt } from '../arm/json.ts';
import type { AzureObserved, PlanKind } from '../model.ts';
import { normalLocation } from '../region.ts';
import { sameId } from '../names.ts';

type Site = NonNullable<AzureObserved['site']>;

export function siteOf(body: JsonValue): Site {
  const config = at(body, 'properties', 'functionAppConfig');
  const scale = objectAt(config, 'scaleAndConcurrency');
  const hostName = textAt(body, 'properties', 'defaultHostName') ?? '';
  const scm = listAt(body, 'properties', 'hostNameSslStates').find(
    (one) => textAt(one, 'hostType') === 'Repository',
  );
  return {
    plan: planOf(body),
    isStopped: /^stopped$/i.test(textAt(body, 'properties', 'state') ?? ''),
    httpsOnly: at(body, 'properties', 'httpsOnly') === true,
    location: normalLocation(textAt(body, 'location') ?? ''),
    hostName,
    scmHostName: textAt(scm, 'name') ?? null,
    memoryMb: numberAt(scale, 'instanceMemoryMB') ?? null,
    maxInstances: numberAt(scale, 'maximumInstanceCount') ?? null,
    alwaysReady: Object.fromEntries(
      listAt(scale, 'alwaysReady').flatMap((one) => {
        const count = numberAt(one, 'instanceCount') ?? 0;
        return count > 0 ? [[textAt(one, 'name') ?? '', count] as const] : [];
      }),
    ),
    concurrency: numberAt(scale, 'triggers', 'http', 'perInstanceConcurrency') ?? null,
    runtimeVersion: textAt(config, 'runtime', 'version') ?? null,
    serverFarmId: textAt(body, 'properties', 'serverFarmId') ?? '',
    tags: textsAt(body, 'tags'),
  };
}

/** The subnet that it sends through; null for none. */
export function subnetOf(body: JsonValue): string | null {
  return textAt(body, 'properties', 'virtualNetworkSubnetId') || null;
}

/** The answer names the plan's tier; `functionAppConfig` is Flex Consumption's alone. */
function planOf(body: JsonValue): PlanKind {
  const sku = textAt(body, 'properties', 'sku') ?? '';
  if (at(body, 'properties', 'functionAppConfig') != null || /flex/i.test(sku)) return 'flex';
  return /elastic|premium/i.test(sku) ? 'premium' : 'consumption';
}

/** The identity that the function works with: the one that was made for it, or the one that it was given. */
export function identityOf(body: JsonValue, ownIdentityId: string): AzureObserved['identity'] {
  const all = Object.entries(objectAt(body, 'identity', 'userAssignedIdentities')).map(
    ([id, value]) => ({
      id,
      principalId: textAt(value, 'principalId') ?? '',
      clientId: textAt(value, 'clientId') ?? '',
    }),
  );
  const named =
    textAt(
      body,
      'properties',
      'functionAppConfig',
      'deployment',
      'storage',
      'authentication',
      'userAssignedIdentityResourceId',
    ) ?? textAt(body, 'properties', 'keyVaultReferenceIdentity');
  const found =
    (named === undefined ? undefined : all.find(({ id }) => sameId(id, named))) ??
    all.find(({ id }) => sameId(id, ownIdentityId)) ??
    all[0];
  return found ?? null;
}
