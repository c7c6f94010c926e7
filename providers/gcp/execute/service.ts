/** The Cloud Run service: read, and changed by one operation at a time, with its etag. */
import {
  again,
  type CallContext,
  type JsonObject,
  type JsonValue,
  keptOf,
  type Waiting,
} from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { at, listAt, numberAt, textAt, textsAt } from '../clients/json.ts';
import { ifThere, isPassing } from '../errors.ts';
import { ingressOf, type Ingress } from '../ingress.ts';
import { lookAtOperation, operationOf } from './operation.ts';
import { conflict, shortName } from './refusals.ts';

/** Where requests go. */
export interface TrafficTarget {
  /** The short name; null: whichever is the latest. */
  readonly revision: string | null;
  readonly percent: number;
  readonly tag: string | null;
}

export interface PresentService {
  readonly etag: string;
  /** Without a slash at the end. */
  readonly url: string;
  /** Short names. */
  readonly latestReady: string;
  readonly latestCreated: string;
  /** As it is wished: after a change that failed, it is not so. */
  readonly traffic: readonly TrafficTarget[];
  /** How requests really flow ("trafficStatuses": "the last serving state" after a change that failed). */
  readonly served: readonly TrafficTarget[];
  /** Where tags answer, as far as they do. */
  readonly tagUrls: Readonly<Record<string, string>>;
  readonly minInstances: number;
  readonly ingress: Ingress;
  /** The same in Cloud Run's own words, which are more. */
  readonly ingressText: string;
  readonly labels: Readonly<Record<string, string>>;
  /** A change is under way: what it says of itself is what it will be. */
  readonly isReconciling: boolean;
  /** The last change was not made, or not all of it. */
  readonly hasFailed: boolean;
}

export interface ServiceChange {
  /** `projects/p/locations/l/services/NAME` */
  readonly service: string;
  /** In camelCase, as REST has it. */
  readonly mask: string;
  readonly stage: string;
  /** What to write; undefined when it is as it should be. */
  readonly wish: (present: PresentService) => JsonObject | undefined;
  /** Asked right before anything is written; throws when it may not be. */
  readonly check?: () => Promise<void>;
}

/** A change of the traffic takes some seconds. */
const POLL_MS = 1_500;

/**
 * Looks, and writes what is not as it should be.
 *
 * @returns what to wait for; or the service, as it should be by now.
 * @throws ServerlessError CONFLICT when the service is gone; what the operation failed with.
 */
export async function changeService(
  gcp: GcpClients,
  call: CallContext,
  { service, mask, stage, wish, check }: ServiceChange,
): Promise<Waiting | PresentService> {
  const running = await operationUnderWay(gcp, call, stage);
  if (running) return running;
  const found = await presentService(gcp, service, call);
  // An operation of this very step has ended well: what failed is something else.
  const isWritten = textAt(keptOf(call), 'operation') !== undefined;
  const present = isWritten ? { ...found, hasFailed: false } : found;
  const body = wish(present);
  if (body === undefined) {
    if (!present.isReconciling) return present;
    // Written by an attempt whose answer was lost, and not in force yet.
    return again(call, { stage, firstMs: POLL_MS });
  }
  await check?.();
  try {
    const reply = await gcp.rest({
      api: 'run',
      method: 'PATCH',
      path: `/v2/${service}`,
      query: { updateMask: mask },
      body: { ...body, etag: present.etag },
      signal: call.signal,
    });
    return begun(reply, stage);
  } catch (error) {
    // Somebody else changes it at the moment: it is looked at again.
    if (!isPassing(error)) throw error;
    return again(call, { stage: `${stage}: waiting for another change`, firstMs: POLL_MS });
  }
}

/** Looks at the operation that an earlier turn began; undefined when there is none, or it is over. */
export async function operationUnderWay(
  gcp: GcpClients,
  call: CallContext,
  stage: string,
): Promise<Waiting | undefined> {
  const operation = textAt(keptOf(call), 'operation');
  if (operation === undefined) return undefined;
  const progress = await lookAtOperation(gcp, 'run', operation, call);
  if (progress?.error) throw progress.error;
  if (progress === undefined || progress.done) return undefined;
  return again(call, { stage, keep: { operation }, firstMs: POLL_MS });
}

/** Waits for an operation that was answered just now. */
export function begun(reply: JsonValue, stage: string): Waiting {
  const { error } = operationOf(reply);
  if (error) throw error;
  const operation = textAt(reply, 'name');
  const keep: JsonObject = operation === undefined ? {} : { operation };
  return again({}, { stage, keep, firstMs: POLL_MS });
}

async function presentService(
  gcp: GcpClients,
  service: string,
  call: CallContext,
): Promise<PresentService> {
  const found = await findService(gcp, service, call);
  if (found === undefined) throw conflict(service, 'its Cloud Run service is gone');
  return found;
}

/** Undefined when there is none. */
export async function findService(
  gcp: GcpClients,
  service: string,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<PresentService | undefined> {
  const path = `/v2/${service}`;
  const found = await ifThere(gcp.rest({ api: 'run', method: 'GET', path, signal }));
  return found === undefined ? undefined : serviceOf(found);
}

export function serviceOf(body: JsonValue): PresentService {
  const statuses = listAt(body, 'trafficStatuses');
  const tagUrls = statuses.flatMap((one) => {
    const [tag, uri] = [textAt(one, 'tag'), textAt(one, 'uri')];
    return tag === undefined || uri === undefined ? [] : [[tag, withoutSlash(uri)] as const];
  });
  return {
    etag: textAt(body, 'etag') ?? '',
    url: withoutSlash(textAt(body, 'uri') ?? ''),
    latestReady: shortName(textAt(body, 'latestReadyRevision') ?? ''),
    latestCreated: shortName(textAt(body, 'latestCreatedRevision') ?? ''),
    traffic: listAt(body, 'traffic').map(targetOf),
    served: statuses.map(targetOf),
    tagUrls: Object.fromEntries(tagUrls),
    minInstances: numberAt(body, 'scaling', 'minInstanceCount') ?? 0,
    ingress: ingressOf(textAt(body, 'ingress') ?? ''),
    ingressText: textAt(body, 'ingress') ?? '',
    labels: textsAt(body, 'labels'),
    isReconciling: at(body, 'reconciling') === true,
    hasFailed: textAt(body, 'terminalCondition', 'state') === 'CONDITION_FAILED',
  };
}

function targetOf(target: JsonValue): TrafficTarget {
  return {
    revision: isLatest(target) ? null : shortName(textAt(target, 'revision') ?? ''),
    percent: numberAt(target, 'percent') ?? 0,
    tag: textAt(target, 'tag') || null,
  };
}

function isLatest(target: JsonValue): boolean {
  const revision = at(target, 'revision');
  return (
    textAt(target, 'type') === 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST' ||
    revision === undefined ||
    revision === ''
  );
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
