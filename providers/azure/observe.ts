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
import { API, isOwnedBy, nameOfId, type Place } from './names.ts';
import { findMissing, findTelemetry } from './observe/base.ts';
import { nameElsewhere, sitesIn } from './observe/elsewhere.ts';
import { findLeftovers } from './observe/leftovers.ts';
import { findLost } from './observe/lost.ts';
import { readRoles } from './observe/roles.ts';
import { identityOf, siteOf, subnetOf } from './observe/site.ts';
import { containerOf, hasStorage, listNotes } from './package/storage.ts';
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
  const observed = body === undefined ? absent(place) : describe(azure, reading, body);
  if (observed.site === null || observed.isStranger) return lookElsewhere(azure, reading, observed);
  const isFull = options.full === true;
  // A removal needs no others, and must not fail for what cannot be read.
  const isLiveOnly = options.versions === false || options.leftovers === true;
  const [versions, drift] = await Promise.all([
    isLiveOnly ? [] : readVersions(azure, place, observed, call),
    isFull ? readDrift(azure, place, observed, call) : {},
  ]);
  return withVersions({ ...observed, ...drift }, versions);
}

/** Of a name that leads to nothing of the function's: the function may have another one. */
async function lookElsewhere(
  azure: AzureClients,
  { place, call, options }: Reading,
  observed: AzureObserved,
): Promise<AzureObserved> {
  const sites = await sitesIn(azure, place, call);
  const isSearched = options.leftovers === true && observed.site === null;
  const [elsewhere, leftovers] = await Promise.all([
    nameElsewhere(azure, place, sites, call),
    isSearched ? findLeftovers(azure, place, sites, call) : [],
  ]);
  return { ...observed, elsewhere, leftovers };
}

/** What somebody else may have changed. */
async function readDrift(
  azure: AzureClients,
  place: Place,
  { identity, givenStorage, record }: AzureObserved,
  call: CallContext,
): Promise<Partial<AzureObserved>> {
  const { siteId, subscriptionId } = place;
  const [actualSettings, actualRoles, lost, missing, telemetry] = await Promise.all([
    digestedSettings(azure, siteId, call),
    identity ? readRoles(azure, subscriptionId, identity.principalId, call.signal) : null,
    findLost(azure, record.made, call),
    // Before the first complete deploy, nothing is relied on.
    record.live === null ? [] : findMissing(azure, place, givenStorage, call),
    findTelemetry(azure, place, call),
  ]);
  return { actualSettings, actualRoles, lost, missing, telemetry };
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
  try {
    return await listNotes(await containerOf(azure, target, signal), signal);
  } catch (error) {
    // Versions go with the account that they are in. Its address, when it is known, leads nowhere then.
    if (signal.aborted || (await hasStorage(azure, target, signal).catch(() => true))) throw error;
    return [];
  }
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
    subnetId: subnetOf(body),
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
    missing: [],
    telemetry: null,
    subnetId: null,
    givenStorage: null,
    leftovers: [],
    record: EMPTY_RECORD,
  };
}
