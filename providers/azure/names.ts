/** Names that follow from a function's own. Pure, so that plans can hold them before anything exists. */
import { createHash } from 'node:crypto';
import { shortHash, type FunctionRef, type Scope } from 'polyfaas/spi';
import type { Target } from './model.ts';
import type { PlatformSettings } from './options.ts';
import { TAG } from './record.ts';

/** The Functions host tells apps apart by the first 32 characters of their names. */
export const SITE_NAME_LENGTH = 32;
/** Azure Storage: 3 to 24 lower-case letters and digits. */
const STORAGE_NAME_LENGTH = 24;
const GROUP_NAME_LENGTH = 90;

/** The parts are joined by a character that no name can hold, so that `a-b` + `c` and `a` + `b-c` differ. */
const joined = (...parts: readonly string[]): string => parts.join('\u0000');

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}

/** A readable name with a hash: `shop-dev-orders-abcdefgh`. */
function hashed(slug: string, hash: string, maxLength: number): string {
  const room = slug.slice(0, maxLength - hash.length - 1).replace(/-+$/, '');
  return room === '' ? hash : `${room}-${hash}`;
}

/**
 * The name of the function app. Shared with the whole world, so the hash covers the subscription too: the same function
 * in another subscription has another name.
 */
export function siteName(
  ref: FunctionRef,
  subscriptionId: string,
  given: Readonly<Record<string, string>> = {},
): string {
  const chosen = Object.hasOwn(given, ref.name) ? given[ref.name] : undefined;
  if (chosen !== undefined) return chosen;
  const hash = shortHash(joined(subscriptionId.toLowerCase(), ref.app, ref.stage, ref.name));
  return hashed(slugOf(`${ref.app}-${ref.stage}-${ref.name}`), hash, SITE_NAME_LENGTH);
}

/** The name of the function app's own storage account: readable to some extent, and as unique as the app's. */
export function storageAccountName(ref: FunctionRef, subscriptionId: string): string {
  const hash = shortHash(
    joined('storage', subscriptionId.toLowerCase(), ref.app, ref.stage, ref.name),
  );
  const slug = slugOf(`${ref.app}${ref.name}`).replaceAll('-', '');
  return `pf${slug.slice(0, STORAGE_NAME_LENGTH - 2 - hash.length)}${hash}`;
}

/** The group that is made when none is named. */
export function groupName({ app, stage }: Scope): string {
  const plain = `polyfaas-${app}-${stage}`;
  const allowed = plain.replaceAll(/[^\w()-]+/g, '-').replace(/-+$/, '');
  if (allowed === plain && plain.length <= GROUP_NAME_LENGTH) return plain;
  const hash = shortHash(joined(app, stage));
  return `${allowed.slice(0, GROUP_NAME_LENGTH - hash.length - 1)}-${hash}`;
}

/** The workspace and the component that the functions of an app and stage share. */
export function insightsName({ app, stage }: Scope): string {
  // Log Analytics: 4 to 63 of A-Z a-z 0-9 -.
  return hashed(slugOf(`polyfaas-${app}-${stage}`), shortHash(joined('insights', app, stage)), 60);
}

export function groupId(subscriptionId: string, resourceGroup: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
}

/** `resourceId(sub, rg, 'Microsoft.Web/sites', 'orders')`. What is a resource id already stays as it is. */
export function resourceId(
  subscriptionId: string,
  resourceGroup: string,
  type: string,
  nameOrId: string,
): string {
  if (nameOrId.startsWith('/')) return nameOrId;
  return `${groupId(subscriptionId, resourceGroup)}/providers/${type}/${nameOrId}`;
}

/** The last part of a resource id. */
export function nameOfId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** Resource ids are the same whatever their case. */
export function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export const TYPE = {
  site: 'Microsoft.Web/sites',
  plan: 'Microsoft.Web/serverfarms',
  storage: 'Microsoft.Storage/storageAccounts',
  identity: 'Microsoft.ManagedIdentity/userAssignedIdentities',
  workspace: 'Microsoft.OperationalInsights/workspaces',
  component: 'Microsoft.Insights/components',
  vault: 'Microsoft.KeyVault/vaults',
} as const;

/** Versions of each resource provider's API that this adapter speaks. */
export const API = {
  web: '2025-05-01',
  oneDeploy: '2022-09-01',
  group: '2025-04-01',
  resources: '2021-04-01',
  tags: '2021-04-01',
  storage: '2023-05-01',
  identity: '2023-01-31',
  role: '2022-04-01',
  workspace: '2023-09-01',
  component: '2020-02-02',
  vault: '2023-07-01',
} as const;

/** Everything about a function that can be said before anything is there. */
export interface Place {
  readonly ref: FunctionRef;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly physicalName: string;
  readonly siteId: string;
  readonly planId: string;
  /** Of the identity that is made when none is given. */
  readonly ownIdentityId: string;
  /** Of the storage account that is made when none is given. */
  readonly ownStorageId: string;
}

export function placeOf(
  ref: FunctionRef,
  subscriptionId: string,
  platform: Pick<PlatformSettings, 'resourceGroup' | 'siteNames'>,
): Place {
  const resourceGroup = platform.resourceGroup ?? groupName(ref);
  const physicalName = siteName(ref, subscriptionId, platform.siteNames);
  const id = (type: string, name: string): string =>
    resourceId(subscriptionId, resourceGroup, type, name);
  return {
    ref,
    subscriptionId,
    resourceGroup,
    physicalName,
    siteId: id(TYPE.site, physicalName),
    planId: id(TYPE.plan, `${physicalName}-plan`),
    ownIdentityId: id(TYPE.identity, physicalName),
    ownStorageId: id(TYPE.storage, storageAccountName(ref, subscriptionId)),
  };
}

/** The resource id of the storage account: a name is one in the function's own group. */
export function storageIdOf({
  subscriptionId,
  resourceGroup,
  storageAccount,
}: Pick<Target, 'subscriptionId' | 'resourceGroup' | 'storageAccount'>): string {
  return resourceId(subscriptionId, resourceGroup, TYPE.storage, storageAccount);
}

/**
 * Where the telemetry of an app and stage is, when it is ours.
 *
 * @param workspace the resource id of the user's own; null for ours. A component is over one workspace, so each has one.
 */
export function insightsIds(
  scope: Scope,
  subscriptionId: string,
  resourceGroup: string,
  workspace: string | null,
): { readonly workspaceId: string; readonly componentId: string } {
  const name = insightsName(scope);
  const own = workspace === null ? name : `${name}-${shortHash(workspace.toLowerCase())}`;
  return {
    workspaceId: workspace ?? resourceId(subscriptionId, resourceGroup, TYPE.workspace, name),
    componentId: resourceId(subscriptionId, resourceGroup, TYPE.component, own),
  };
}

/** Of the workspace that is made where none is given. */
export function ownWorkspaceId(
  scope: Scope,
  subscriptionId: string,
  resourceGroup: string,
): string {
  return insightsIds(scope, subscriptionId, resourceGroup, null).workspaceId;
}

/** A GUID that follows from its parts, as versions 5 do: the same assignment has the same name, whoever makes it. */
export function guidOf(...parts: readonly string[]): string {
  const hex = createHash('sha256')
    .update(joined(...parts))
    .digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(18, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** The tags that say whose a resource is. */
export function ownershipTags(ref: FunctionRef): Readonly<Record<string, string>> {
  return { ...scopeTags(ref), [TAG.function]: ref.name };
}

/** Of what all functions of an app and stage share. */
export function scopeTags({ app, stage }: Scope): Readonly<Record<string, string>> {
  return { [TAG.app]: app, [TAG.stage]: stage };
}

export type Tags = Readonly<Record<string, string | undefined>>;

/** True when the tags are those of this function, and of no other. */
export function isOwnedBy(ref: FunctionRef, tags: Tags): boolean {
  return isOfScope(ref, tags) && tags[TAG.function] === ref.name;
}

export function isOfScope({ app, stage }: Scope, tags: Tags): boolean {
  return tags[TAG.app] === app && tags[TAG.stage] === stage;
}
