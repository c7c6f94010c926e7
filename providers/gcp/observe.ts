/** Reads one function: two calls at once, and more only when asked to. */
import {
  digestOf,
  type CallContext,
  type FunctionDescription,
  type ObserveOptions,
  type VersionDescription,
} from 'polyfaas/spi';
import type { GcpClients } from './clients/index.ts';
import { isDenied } from './errors.ts';
import { isOwned, isOwnedBy, ownershipLabels } from './labels.ts';
import type { GcpObserved } from './model.ts';
import { namesakesOf } from './namesakes.ts';
import { readFunction } from './observe/function.ts';
import { findLeftovers } from './observe/leftovers.ts';
import { findMissing } from './observe/made.ts';
import { areSettingsLost, readSecret, type ReadSecret } from './observe/secret.ts';
import { readService } from './observe/service.ts';
import type { Place } from './place.ts';
import { EMPTY_RECORD, type FunctionRecord, type VersionNote } from './record.ts';

interface Reading {
  readonly place: Place;
  readonly call: CallContext;
  readonly options: ObserveOptions;
}

export async function observe(
  gcp: GcpClients,
  { place, call, options }: Reading,
): Promise<GcpObserved> {
  const { signal } = call;
  const [found, secret] = await Promise.all([
    readFunction(gcp, place.functionName, signal),
    readSecret(gcp, place.settingsSecret, place.ref, signal),
  ]);
  const seen = observedOf(place, found ?? null, secret);
  if (seen.isStranger) return seen;
  const isAbsent = found === undefined && secret === undefined;
  const [others, leftovers, drifted] = await Promise.all([
    isAbsent || options.leftovers === true ? otherNames(gcp, place, isAbsent, call) : [],
    // As long as the secret is there, its record says what else is.
    options.leftovers === true && secret === undefined ? findLeftovers(gcp, place, signal) : [],
    options.full === true ? compared(gcp, place, seen, call) : seen,
  ]);
  return isAbsent
    ? { ...drifted, leftovers, deployedAs: others[0] ?? null }
    : { ...drifted, leftovers, namesakes: others };
}

/** With what somebody else may have changed. */
async function compared(
  gcp: GcpClients,
  place: Place,
  seen: GcpObserved,
  call: CallContext,
): Promise<GcpObserved> {
  const name = seen.function?.service ?? null;
  const hasSettings = seen.secret !== null && seen.record.live !== null;
  const [service, settingsLost, missing] = await Promise.all([
    name === null ? null : readService(gcp, name, call),
    hasSettings && areSettingsLost(gcp, place.settingsSecret, call.signal),
    findMissing(gcp, { place, record: seen.record, url: seen.function?.url ?? null }, call),
  ]);
  // Somebody deleted it by hand: what Cloud Functions still tells of it is of no use.
  const lost = name !== null && service === null;
  return lost
    ? { ...lostService(seen, place), settingsLost, missing }
    : { ...seen, service, settingsLost, missing };
}

/** @param isAbsent whoever may only call functions may not list secrets, and changes nothing either. */
async function otherNames(
  gcp: GcpClients,
  { ref, projectId, physicalName }: Place,
  isAbsent: boolean,
  call: CallContext,
): Promise<readonly string[]> {
  const labels = ownershipLabels(ref);
  try {
    return await namesakesOf(gcp, { projectId, labels, physicalName }, call);
  } catch (error) {
    if (isAbsent && isDenied(error)) return [];
    throw error;
  }
}

function lostService(observed: GcpObserved, place: Place): GcpObserved {
  const { function: present, record } = observed;
  if (present === null) return observed;
  const found = { ...present, service: null, url: null };
  const description = observed.description && describe(place, found, record);
  return { ...observed, function: found, description };
}

/** What two calls tell. */
export function observedOf(
  place: Place,
  found: GcpObserved['function'],
  secret: ReadSecret | undefined,
): GcpObserved {
  const isForeignFunction = found !== null && !isOwnedBy(place.ref, found.labels);
  const isForeignSecret = secret !== undefined && !secret.isOwn;
  const isStranger = isForeignFunction || isForeignSecret;
  const record = secret?.record ?? EMPTY_RECORD;
  const base: GcpObserved = {
    token: tokenOf(found, secret),
    description: undefined,
    physicalName: place.physicalName,
    functionName: place.functionName,
    deployedAs: null,
    namesakes: [],
    isStranger,
    isOwned: (found !== null && isOwned(found.labels)) || secret?.isOwned === true,
    function: found,
    secret: secret
      ? {
          name: secret.name,
          etag: secret.etag,
          isOwn: secret.isOwn,
          location: secret.location,
          projectNumber: secret.projectNumber,
        }
      : null,
    service: null,
    settingsLost: false,
    missing: [],
    leftovers: [],
    record,
  };
  const isAbsent = found === null && secret === undefined;
  if (isAbsent || isStranger || isElsewhere(base, place.location)) return base;
  return { ...base, description: describe(place, found, record) };
}

/** The function of that name is in another region: the secret is the whole project's. */
export function isElsewhere({ secret }: Pick<GcpObserved, 'secret'>, location: string): boolean {
  return secret !== null && secret.isOwn && (secret.location ?? location) !== location;
}

function tokenOf(found: GcpObserved['function'], secret: ReadSecret | undefined): string {
  if (found === null && secret === undefined) return 'absent';
  return digestOf({
    secret: secret?.etag ?? null,
    function: found === null ? null : { updateTime: found.updateTime, state: found.state },
  });
}

function describe(
  { ref, physicalName, location }: Place,
  found: GcpObserved['function'],
  record: FunctionRecord,
): FunctionDescription {
  const isThere = isBuilt(found);
  return {
    ...ref,
    provider: 'gcp',
    region: location,
    physicalName,
    liveVersion: isThere ? record.live : null,
    versions: isThere ? record.versions.filter(isKept).map(describeVersion) : [],
    bindings: record.bindings,
    url: isThere && record.live !== null ? urlOf(found, record) : null,
  };
}

/** There is a service behind it, and it stays. */
export function isBuilt(
  found: GcpObserved['function'],
): found is NonNullable<GcpObserved['function']> {
  return found !== null && found.state !== 'DELETING' && found.service !== null;
}

/** False for what is only there until Cloud Run lets go of it. */
export function isKept(note: VersionNote): boolean {
  return note.revision !== null && note.createdAt !== null;
}

export function urlOf(
  found: GcpObserved['function'],
  { bindings }: Pick<FunctionRecord, 'bindings'>,
): string | null {
  const hasRoute = bindings.some(({ event }) => event.type === 'http' && event.enabled);
  return hasRoute ? (found?.url ?? null) : null;
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
