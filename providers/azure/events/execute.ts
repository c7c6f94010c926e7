/** Does the steps of event sources. Decides nothing: that was the planner's. */
import type { Executor } from '../model.ts';
import { allowSources, disallowSources } from './allow.ts';
import { givingWay } from './give-way.ts';
import { checkSources, ensureSource } from './ensure-source.ts';
import { ensureDatabase, ensureHost } from './hosts.ts';
import { deleteBound } from './made/delete-bound.ts';
import { deleteSource } from './made/delete-source.ts';
import { ensureSystemTopic } from './object/system-topic.ts';
import { ensureOwnQueue } from './own-queue/ensure.ts';
import { putEventSubscription } from './own-queue/subscription.ts';
import { patient } from '../arm/patience.ts';
import { readAddresses } from './read-addresses.ts';
import { removeShared } from './remove-shared.ts';
import { ensureConsumerGroup } from './stream/consumer-group.ts';
import { ensureLeases } from './table/leases.ts';
import { putSubscription } from './topic/subscription.ts';

const PLAIN: Readonly<Record<string, Executor>> = {
  'check-sources': checkSources,
  'ensure-host': ensureHost,
  'ensure-database': ensureDatabase,
  'ensure-source': ensureSource,
  'ensure-own-queue': ensureOwnQueue,
  'ensure-consumer-group': ensureConsumerGroup,
  'ensure-leases': ensureLeases,
  'put-subscription': givingWay(putSubscription),
  'ensure-system-topic': ensureSystemTopic,
  'put-event-subscription': givingWay(putEventSubscription),
  'allow-sources': allowSources,
  'disallow-sources': disallowSources,
  'read-addresses': readAddresses,
  'delete-bound': deleteBound,
  'delete-source': deleteSource,
  'remove-shared': removeShared,
};

/** By the kind of the step. Each is asked again while what it meets passes by itself. */
export const EVENT_EXECUTORS: Readonly<Record<string, Executor>> = Object.fromEntries(
  Object.entries(PLAIN).map(([kind, executor]) => [kind, patient(executor)]),
);
