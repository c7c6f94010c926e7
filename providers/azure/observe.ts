/** Reads one function: one call, and more only when asked to. */
import {
  digestOf,
  type CallContext,
  type FunctionRef,
  type JsonValue,
  type ObserveOptions,
  type VersionDescription,
} from 'polyfaas/spi';
import { read, readSettings } from './arm/calls.ts';
import type { AzureClients } from './clients/index.ts';
import type { AzureObserved } from './model.ts';
import { API, isOwnedBy, type Place } from './names.ts';
import { nameElsewhere, sitesIn } from './observe/elsewhere.ts';
import { findLeftovers } from './observe/leftovers.ts';
import { findLost } from './observe/lost.ts';
import { readRoles } from './observe/roles.ts';
import { identityOf, siteOf } from './observe/site.ts';
import { containerOf, listNotes } from './package/storage.ts';
import { nameOfId } from './names.ts';
import { EMPTY_RECORD, TAG, type FunctionRecord, type VersionNote } from './record.ts';
import { decodeRecord } from './tags.ts';

interface Reading {
  readonly ref: FunctionRef;
  readonly place: Place;
  readonly call: CallContext;
  readonly options: ObserveOptions;
}

export async function observe(azure: AzureClients, reading: Reading): Promise<AzureObserved> {
  const { place, call, options } = reading;
  const body = await read(azure, place.siteId, API.web, call.signal);
  if (body === undefined) {
    const sites = await sitesIn(azure, place, call);
    const isFull = options.full === true;
    const leftovers = isFull ? await findLeftovers(azure, place, sites, call) : [];
    return { ...absent(place), elsewhere: nameElsewhere(place, sites), leftovers };
  }
  const observed = describe(azure, reading, body);
  if (observed.isStranger) return observed;
  const isFull = options.full === true;
  const [versions, actualSettings, actualRoles, lost] = await Promise.all([
    options.versions === false && !isFull ? [] : readVersions(azure, place, observed, call),
    isFull ? digestedSettings(azure, place.siteId, call) : null,
    isFull && observed.identity
      ? readRoles(azure, place.subscriptionId, observed.identity.principalId, call.signal)
      : null,
    isFull ? findLost(azure, observed.record.made, call) : [],
  ]);
  return withVersions({ ...observed, actualSettings, actualRoles, lost }, versions);
}

async function readVersions(
  azure: AzureClients,
  { subscriptionId, resourceGroup, ownStorageId }: Place,
  { givenStorage, record }: AzureObserved,
  { signal }: CallContext,
): Promise<readonly VersionNote[]> {
  // Nothing was ever published.
  if (record.live === null) return [];
  const storageAccount = givenStorage ?? nameOfId(ownStorageId);
  const target = { subscriptionId, resourceGroup, storageAccount };
  return listNotes(await containerOf(azure, target, signal), signal);
}

async function digestedSettings(
  azure: AzureClients,
  siteId: string,
  { signal }: CallContext,
): Promise<Readonly<Record<string, string>>> {
  const settings = await readSettings(azure, siteId, signal);
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, digestOf(value)] as const),
  );
}

function describe(azure: AzureClients, { ref, place }: Reading, body: JsonValue): AzureObserved {
  const site = siteOf(body);
  const { tags } = site;
  const isStranger = !isOwnedBy(ref, tags);
  const record = (isStranger ? undefined : decodeRecord(tags)) ?? EMPTY_RECORD;
  const { live } = record;
  const base: AzureObserved = {
    ...absent(place),
    token: digestOf({ site }),
    isStranger,
    isOwned: tags[TAG.function] !== undefined && tags[TAG.app] !== undefined,
    site,
    identity: isStranger ? null : identityOf(body, place.ownIdentityId),
    givenStorage: (isStranger ? undefined : tags[TAG.storage]) ?? null,
    record,
  };
  if (isStranger) return base;
  return {
    ...base,
    description: {
      ...ref,
      provider: 'azure',
      region: site.location,
      physicalName: place.physicalName,
      liveVersion: live?.version ?? null,
      versions: live ? [describeVersion(live)] : [],
      bindings: record.bindings,
      url: live ? urlOf(azure, site.hostName, record) : null,
    },
  };
}

/** The live version is among them, whatever its note says. */
function withVersions(observed: AzureObserved, notes: readonly VersionNote[]): AzureObserved {
  const { description, record } = observed;
  if (!description || notes.length === 0) return observed;
  const { live } = record;
  const isNoted = live === null || notes.some(({ version }) => version === live.version);
  const versions = isNoted ? notes : [...notes, live];
  return {
    ...observed,
    versions,
    description: { ...description, versions: versions.map(describeVersion) },
  };
}

export function urlOf(
  { scheme }: Pick<AzureClients, 'scheme'>,
  hostName: string,
  { bindings }: Pick<FunctionRecord, 'bindings'>,
): string | null {
  const hasRoute = bindings.some(({ event }) => event.type === 'http' && event.enabled);
  return hasRoute && hostName !== '' ? `${scheme}//${hostName}` : null;
}

const EPOCH = new Date(0).toISOString();

function describeVersion(note: VersionNote): VersionDescription {
  return {
    version: note.version,
    createdAt: note.createdAt ?? EPOCH,
    digest: note.digest,
    handles: note.handles,
    memoryMb: note.memoryMb,
    timeoutSeconds: note.timeoutSeconds,
  };
}

function absent({ physicalName, siteId }: Place): AzureObserved {
  return {
    token: 'absent',
    description: undefined,
    physicalName,
    siteId,
    isStranger: false,
    isOwned: false,
    elsewhere: null,
    site: null,
    identity: null,
    versions: [],
    actualSettings: null,
    actualRoles: null,
    lost: [],
    givenStorage: null,
    leftovers: [],
    record: EMPTY_RECORD,
  };
}
