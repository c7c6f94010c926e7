/** A function app as Resource Manager takes it. */
import type { JsonObject } from 'polyfaas/spi';
import { at, objectAt, textAt } from '../arm/json.ts';
import type { PlanKind } from '../model.ts';
import { sameId } from '../names.ts';
import type { ScaleWish } from '../plan/wish.ts';
import { HOST } from '../setting-names.ts';
import type { KnownTarget } from '../step-input.ts';

export interface SiteInput {
  readonly target: KnownTarget;
  readonly plan: PlanKind;
  readonly planId: string;
  readonly scale: ScaleWish;
  readonly containerUrl: string;
  readonly updateStrategy: 'Recreate' | 'RollingUpdate';
  readonly vnetSubnetId: string | null;
  /** The subnet that it is to leave; null for none. */
  readonly formerSubnetId: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly base: {
    readonly blobEndpoint: string;
    readonly queueEndpoint: string;
    readonly tableEndpoint: string;
  };
}

/** The whole of a new function app. */
export function newSite(input: SiteInput): JsonObject {
  const { target, plan, planId, tags } = input;
  return {
    location: target.location,
    kind: 'functionapp,linux',
    tags,
    identity: identityOf(input),
    properties: {
      ...commonProperties(input, false),
      serverFarmId: planId,
      reserved: true,
      siteConfig: {
        appSettings: Object.entries(hostSettings(input)).map(([name, value]) => ({ name, value })),
        ...(plan === 'flex'
          ? {}
          : { linuxFxVersion: linuxVersion(input.scale), ftpsState: 'Disabled' }),
      },
    },
  };
}

/** What of one that is there has to change; undefined when nothing has. */
export function siteChange(input: SiteInput, found: JsonObject): JsonObject | undefined {
  const present = objectAt(found, 'properties');
  const wish = commonProperties(input, isRolling(present));
  const { target } = input;
  const hasIdentity = Object.keys(objectAt(found, 'identity', 'userAssignedIdentities')).some(
    (id) => sameId(id, target.identityId),
  );
  const isTagged = Object.entries(input.tags).every(
    ([name, value]) => textAt(found, 'tags', name) === value,
  );
  const isSame =
    hasIdentity &&
    isTagged &&
    at(present, 'httpsOnly') === true &&
    sameId(
      textAt(present, 'keyVaultReferenceIdentity') ?? '',
      textAt(wish, 'keyVaultReferenceIdentity') ?? '',
    ) &&
    (input.vnetSubnetId === null ||
      sameId(textAt(present, 'virtualNetworkSubnetId') ?? '', input.vnetSubnetId)) &&
    covers(wish['functionAppConfig'], present['functionAppConfig']);
  if (isSame) return undefined;
  const others = Object.fromEntries(
    Object.keys(objectAt(found, 'identity', 'userAssignedIdentities')).map((id) => [id, {}]),
  );
  const system = /SystemAssigned/i.test(textAt(found, 'identity', 'type') ?? '');
  return {
    tags: { ...objectAt(found, 'tags'), ...input.tags },
    identity: {
      type: system ? 'SystemAssigned, UserAssigned' : 'UserAssigned',
      userAssignedIdentities: { ...others, [target.identityId]: {} },
    },
    properties: wish,
  };
}

function identityOf({ target }: SiteInput): JsonObject {
  return { type: 'UserAssigned', userAssignedIdentities: { [target.identityId]: {} } };
}

function isRolling(present: JsonObject): boolean {
  const strategy = textAt(present, 'functionAppConfig', 'siteUpdateStrategy', 'type') ?? '';
  return strategy.toLowerCase() === 'rollingupdate';
}

/** @param rolls it is updated so now, and has to be told otherwise. */
function commonProperties(input: SiteInput, rolls: boolean): JsonObject {
  const { target, plan, scale, containerUrl, updateStrategy, vnetSubnetId } = input;
  return {
    httpsOnly: true,
    keyVaultReferenceIdentity: target.identityId,
    ...(vnetSubnetId === null ? {} : { virtualNetworkSubnetId: vnetSubnetId }),
    ...(plan === 'flex'
      ? {
          functionAppConfig: {
            deployment: {
              storage: {
                type: 'blobContainer',
                value: containerUrl,
                authentication: {
                  type: 'UserAssignedIdentity',
                  userAssignedIdentityResourceId: target.identityId,
                },
              },
            },
            ...scaleConfig(scale),
            // A preview: not said unless it is asked for.
            ...(updateStrategy === 'RollingUpdate' || rolls
              ? { siteUpdateStrategy: { type: updateStrategy } }
              : {}),
          },
        }
      : {}),
  };
}

/** What the other plans call the runtime. */
export function linuxVersion({ runtimeVersion }: ScaleWish): string {
  return `NODE|${runtimeVersion}`;
}

/** The part of `functionAppConfig` that says how an app grows; what is not known is left as it is. */
export function scaleConfig(scale: ScaleWish): JsonObject {
  const { memoryMb, maxInstances, alwaysReady, concurrency, runtimeVersion } = scale;
  return {
    ...(runtimeVersion === '' ? {} : { runtime: { name: 'node', version: runtimeVersion } }),
    scaleAndConcurrency: {
      ...(memoryMb > 0 ? { instanceMemoryMB: memoryMb } : {}),
      maximumInstanceCount: maxInstances,
      alwaysReady: Object.entries(alwaysReady).map(([name, instanceCount]) => ({
        name,
        instanceCount,
      })),
      ...(concurrency > 0 ? { triggers: { http: { perInstanceConcurrency: concurrency } } } : {}),
    },
  };
}

/** What the host cannot do without; the rest is set with all others. */
function hostSettings({ target, plan, base }: SiteInput): Readonly<Record<string, string>> {
  return {
    [`${HOST.storage}__credential`]: 'managedidentity',
    [`${HOST.storage}__clientId`]: target.clientId,
    [`${HOST.storage}__blobServiceUri`]: base.blobEndpoint,
    [`${HOST.storage}__queueServiceUri`]: base.queueEndpoint,
    [`${HOST.storage}__tableServiceUri`]: base.tableEndpoint,
    ...(plan === 'flex' ? {} : { [HOST.extensionVersion]: '~4', [HOST.workerRuntime]: 'node' }),
  };
}

/** True when all that is wished is there; Azure adds members of its own. */
export function covers(
  wish: JsonObject[string] | undefined,
  present: JsonObject[string] | undefined,
): boolean {
  if (wish === undefined) return true;
  if (Array.isArray(wish)) {
    const found = Array.isArray(present) ? present : [];
    return found.length === wish.length && wish.every((one, index) => covers(one, found[index]));
  }
  if (typeof wish === 'object' && wish !== null) {
    return Object.entries(wish).every(([name, one]) => covers(one, at(present, name)));
  }
  // Resource ids and words are the same whatever their case.
  return typeof wish === 'string' && typeof present === 'string'
    ? wish.toLowerCase() === present.toLowerCase()
    : wish === present;
}
