/** Where outcomes of asynchronous invocations are sent: never made, only found. */
import type { CallContext, JsonObject } from 'polyfaas/spi';
import { read } from '../arm/calls.ts';
import { textAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import { EVENT_API } from '../events/api-versions.ts';
import type { SourceRef } from '../events/source.ts';
import type { Executor } from '../model.ts';
import { storageEndpoints } from '../package/storage.ts';
import { inputOf, type KnownTarget } from '../step-input.ts';
import { refusal } from './refusals.ts';

export const findDestinations: Executor = async (azure, step, call) => {
  const { target, onSuccess, onFailure } = inputOf<{
    onSuccess: SourceRef | null;
    onFailure: SourceRef | null;
  }>(step);
  return {
    done: true,
    output: {
      onSuccess: await addressOf(azure, target, ['onSuccess', onSuccess], call),
      onFailure: await addressOf(azure, target, ['onFailure', onFailure], call),
    },
  };
};

/** A `SendTarget`. */
async function addressOf(
  azure: AzureClients,
  target: KnownTarget,
  [field, source]: readonly [string, SourceRef | null],
  { signal }: CallContext,
): Promise<JsonObject | null> {
  if (source === null) return null;
  const { id, name, hostId, service, kind } = source;
  const apiVersion =
    service === 'storage'
      ? EVENT_API.storage
      : service === 'serviceBus'
        ? EVENT_API.serviceBus
        : EVENT_API.eventGrid;
  const found = await read(azure, id, apiVersion, signal);
  if (found === undefined) {
    throw refusal(
      target,
      'NOT_FOUND',
      `functions.${target.ref.name}.async.${field}: there is no ${kind} "${name}" (${id}). Destinations are not made: create it first.`,
    );
  }
  if (service === 'storage') {
    const { queue } = await storageEndpoints(azure, hostId, signal);
    return { service: 'storageQueue', url: `${queue.replace(/\/+$/, '')}/${name}` };
  }
  if (service === 'eventGrid') {
    return { service: 'eventGrid', url: textAt(found, 'properties', 'endpoint') ?? '' };
  }
  const host = await read(azure, hostId, apiVersion, signal);
  const endpoint = textAt(host, 'properties', 'serviceBusEndpoint') ?? '';
  // It is told with the port of https, which goes without saying.
  const base = endpoint.replace(/\/+$/, '').replace(/^(https:\/\/[^/:]+):443$/, '$1');
  return { service: 'serviceBus', url: `${base}/${name}` };
}
