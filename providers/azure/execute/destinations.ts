/** Where outcomes of asynchronous invocations are sent: never made, only found. */
import type { CallContext, JsonObject, JsonValue } from 'polyfaas/spi';
import { read } from '../arm/calls.ts';
import { textAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import { EVENT_API } from '../events/api-versions.ts';
import type { SourceRef } from '../events/source.ts';
import type { Executor } from '../model.ts';
import { storageEndpoints } from '../package/storage.ts';
import { inputOf, type KnownTarget } from '../step-input.ts';
import { refusal } from './refusals.ts';

interface DestinationsInput {
  readonly onSuccess: SourceRef | null;
  readonly onFailure: SourceRef | null;
}

export const checkDestinations: Executor = async (azure, step, call) => {
  const { target, onSuccess, onFailure } = inputOf<DestinationsInput>(step);
  await find(azure, target, ['onSuccess', onSuccess], call);
  await find(azure, target, ['onFailure', onFailure], call);
  return { done: true };
};

export const findDestinations: Executor = async (azure, step, call) => {
  const { target, onSuccess, onFailure } = inputOf<DestinationsInput>(step);
  return {
    done: true,
    output: {
      onSuccess: await addressOf(azure, target, ['onSuccess', onSuccess], call),
      onFailure: await addressOf(azure, target, ['onFailure', onFailure], call),
    },
  };
};

type Named = readonly [field: keyof DestinationsInput, source: SourceRef | null];

async function find(
  azure: AzureClients,
  target: KnownTarget,
  [field, source]: Named,
  { signal }: CallContext,
): Promise<JsonValue> {
  if (source === null) return null;
  const { id, name, kind } = source;
  const found = await read(azure, id, apiVersionOf(source), signal);
  if (found !== undefined) return found;
  throw refusal(
    target,
    'NOT_FOUND',
    `functions.${target.ref.name}.async.${field}: there is no ${kind} "${name}" (${id}). Destinations are not made: create it first, or declare an event with \`create: true\` that reads it.`,
  );
}

function apiVersionOf({ service }: Pick<SourceRef, 'service'>): string {
  if (service === 'storage') return EVENT_API.storage;
  return service === 'serviceBus' ? EVENT_API.serviceBus : EVENT_API.eventGrid;
}

/** A `SendTarget`. */
async function addressOf(
  azure: AzureClients,
  target: KnownTarget,
  named: Named,
  call: CallContext,
): Promise<JsonObject | null> {
  const [, source] = named;
  if (source === null) return null;
  const { name, hostId, service } = source;
  const { signal } = call;
  const found = await find(azure, target, named, call);
  if (service === 'storage') {
    const { queue } = await storageEndpoints(azure, hostId, signal);
    return { service: 'storageQueue', url: `${queue.replace(/\/+$/, '')}/${name}` };
  }
  if (service === 'eventGrid') {
    return { service: 'eventGrid', url: textAt(found, 'properties', 'endpoint') ?? '' };
  }
  const host = await read(azure, hostId, apiVersionOf(source), signal);
  const endpoint = textAt(host, 'properties', 'serviceBusEndpoint') ?? '';
  // It is told with the port of https, which goes without saying.
  const base = endpoint.replace(/\/+$/, '').replace(/^(https:\/\/[^/:]+):443$/, '$1');
  return { service: 'serviceBus', url: `${base}/${name}` };
}
