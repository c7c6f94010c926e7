/** Makes sources, or finds them and sees that they fit. What others made is never altered. */
import type { CallContext, JsonObject } from 'polyfaas/spi';
import { again } from '../arm/turn.ts';
import { objectAt, textAt, textsAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import type { Executor } from '../model.ts';
import { EVENT_API } from './api-versions.ts';
import { isUnderWay, put, read, refusal, stateOf } from './arm.ts';
import type { SourceUse } from './context.ts';
import { isMarked, marked } from './marks.ts';
import { isShared, sharedTags } from './shared.ts';
import type { SourceRef, SourceService } from './source.ts';
import { done, inputOf, type Where } from './steps.ts';

const API_OF: Readonly<Record<SourceService, string>> = EVENT_API;

export function resourceOf({ id, service }: Pick<SourceRef, 'id' | 'service'>): {
  path: string;
  apiVersion: string;
} {
  return { path: id, apiVersion: API_OF[service] };
}

/** Makes what is not there. What is ours is brought into line; a stranger's must fit as it is. */
export const ensureSource: Executor = async (azure, step, call) => {
  const { target, use, bindingId } = inputOf<{ use: SourceUse; bindingId: string }>(step);
  const { source } = use;
  const resource = resourceOf(source);
  const stage = `making the ${source.kind} "${source.name}"`;
  if (isUnderWay(call)) return await put(azure, resource, bodyOf(target, use), call, stage);
  const found = await read(azure, resource, call);
  if (found === undefined) return await put(azure, resource, bodyOf(target, use), call, stage);
  const state = stateOf(found);
  if (state === 'making' || state === 'deleting') return again(call, { stage: `it is ${state}` });
  const isOurs = isOursOf(target, source, found);
  const problem = problemOf(use, bindingId, found);
  if (!isOurs && problem !== undefined) throw refusal(target, 'INVALID_ARGUMENT', problem);
  if (state === 'ready' && (problem === undefined || !isOurs)) return done();
  return await put(azure, resource, bodyOf(target, use), call, stage);
};

/** In a host of ours all is ours; elsewhere its marks tell. A bus tells by its tags. */
export function isOursOf(
  target: Pick<Where, 'ref'>,
  source: Pick<SourceRef, 'kind' | 'service' | 'shared'>,
  body: JsonObject,
): boolean {
  if (source.kind === 'bus') return isShared(target, textsAt(body, 'tags'));
  return source.shared !== null || isMarked(source, target, body);
}

/** What is wrong with a queue that is there, or undefined. */
function problemOf(
  { source, deliveries, field }: SourceUse,
  bindingId: string,
  body: JsonObject,
): string | undefined {
  if (source.service !== 'serviceBus' || source.kind !== 'queue') return undefined;
  const { requiresSession, maxDeliveryCount } = objectAt(body, 'properties');
  const where = `events.${bindingId}.${field}: the queue "${source.name}"`;
  const why = 'polyfaas does not change a queue that it did not make.';
  if (requiresSession === true) {
    return `${where} requires sessions, which its messages are not read with. Make one with requiresSession: false. ${why}`;
  }
  if (deliveries !== undefined && Number(maxDeliveryCount ?? 10) <= deliveries) {
    return `${where} gives a message up after ${Number(maxDeliveryCount ?? 10)} deliveries, before the ${deliveries} attempts are over. Set its maxDeliveryCount to ${deliveries + 1} at least, or lower retry.maxAttempts. ${why}`;
  }
  return undefined;
}

/** Looks only: what is missing, or does not fit, is refused before anything is written. */
export const checkSources: Executor = async (azure, step, call) => {
  const { target, bindingId, uses } = inputOf<{ bindingId: string; uses: readonly SourceUse[] }>(
    step,
  );
  for (const use of uses) await check(azure, { target, bindingId, use }, call);
  return done();
};

async function check(
  azure: AzureClients,
  { target, bindingId, use }: { target: Where; bindingId: string; use: SourceUse },
  call: CallContext,
): Promise<void> {
  const { source, create } = use;
  const found = await read(azure, resourceOf(source), call);
  if (found === undefined) {
    if (!create) throw missing(target, bindingId, use);
    if (source.shared === null) await checkHost(azure, { target, bindingId, use }, call);
    return;
  }
  const problem = problemOf(use, bindingId, found);
  if (problem !== undefined && !isOursOf(target, source, found)) {
    throw refusal(target, 'INVALID_ARGUMENT', problem);
  }
  if (source.kind === 'bus') checkSchema(target, bindingId, source, found);
}

/** A host that the options name is the user's to make. */
async function checkHost(
  azure: AzureClients,
  { target, bindingId, use }: { target: Where; bindingId: string; use: SourceUse },
  call: CallContext,
): Promise<void> {
  const { service, hostId, kind, name } = use.source;
  const host = await read(azure, { path: hostId, apiVersion: API_OF[service] }, call);
  if (host !== undefined) return;
  throw refusal(
    target,
    'INVALID_ARGUMENT',
    `events.${bindingId}.${use.field}: the ${kind} "${name}" cannot be made, because there is no ${hostId}, which providerOptions.azure.${OPTIONS[service]} names. Make it, correct the option, or leave it out to have one made.`,
  );
}

/** Options that name hosts. */
const OPTIONS: Readonly<Record<SourceService, string>> = {
  storage: 'storageAccountForEvents',
  serviceBus: 'serviceBusNamespace',
  eventHubs: 'eventHubsNamespace',
  cosmos: 'cosmosAccount',
  eventGrid: 'eventGridTopics',
};

function checkSchema(
  target: Where,
  bindingId: string,
  { name }: SourceRef,
  body: JsonObject,
): void {
  const schema = textAt(body, 'properties', 'inputSchema') ?? '';
  if (schema === '' || schema === 'CloudEventSchemaV1_0') return;
  throw refusal(
    target,
    'INVALID_ARGUMENT',
    `events.${bindingId}.bus: the Event Grid topic "${name}" takes events of the schema "${schema}". Name one that takes CloudEvents (inputSchema "CloudEventSchemaV1_0"); it cannot be changed on a topic.`,
  );
}

function missing(target: Where, bindingId: string, { source, field }: SourceUse): Error {
  const option = `providerOptions.azure.${OPTIONS[source.service]}`;
  const where = source.isNative ? '' : ` in ${source.hostId}`;
  return refusal(
    target,
    'NOT_FOUND',
    `events.${bindingId}.${field}: there is no ${source.kind} "${source.name}"${where}. Make it, correct its name, name where it is in ${option} or by its resource id, or set create: true to have it made.`,
  );
}

/** The longest that a message stays locked without more being asked (Service Bus, `lockDuration`). */
const LOCK = 'PT5M';

/** What a source is made with. */
function bodyOf(target: Where, { source, deliveries }: SourceUse): object {
  const { properties = {}, ...marks } = marked(source, target);
  switch (source.kind) {
    case 'queue':
      return source.service === 'serviceBus'
        ? {
            properties: {
              ...properties,
              lockDuration: LOCK,
              ...(deliveries === undefined ? {} : { maxDeliveryCount: deliveries + 1 }),
            },
          }
        : { properties };
    case 'topic':
    case 'container':
      return { properties };
    case 'hub':
      return {
        properties: {
          ...properties,
          partitionCount: 4,
          messageRetentionInDays: 1,
        },
      };
    case 'table':
      return {
        location: target.location,
        ...marks,
        properties: {
          resource: {
            id: source.name,
            partitionKey: { paths: ['/id'], kind: 'Hash', version: 2 },
          },
          options: {},
        },
      };
    case 'bus':
      break;
  }
  return {
    location: target.location,
    tags: sharedTags(target),
    properties: { inputSchema: 'CloudEventSchemaV1_0' },
  };
}
