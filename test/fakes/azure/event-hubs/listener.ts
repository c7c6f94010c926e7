/** Brings the events of a hub to a function: a reader for each partition, once it is let in. */
import { mapOf, textOf } from '../core/json.ts';
import type { AppHost, World } from '../core/ports.ts';
import { countOf, hostOption, hostTrace, spanMs, type Trigger } from '../listeners/bindings.ts';
import { connectedHost } from '../service-bus/connection-host.ts';
import type { Resource } from '../service-bus/resource-tree/resource.ts';
import type { ResourceTree } from '../service-bus/resource-tree/tree.ts';
import type { Checkpoints } from './checkpoints.ts';
import { DEFAULT_GROUP } from './entities.ts';
import type { Hub } from './hub.ts';
import type { Partition } from './partition.ts';
import { PartitionReader } from './partition-reader.ts';

const RECEIVERS = ['a638d3c7-ab3a-418d-83e6-5f17a39d4fde', 'f526a384-b230-433a-b45c-95f59c4a2dec'];
/** While it is not let in, it tries again after so long. */
const REFUSED_MS = 5000;
/** Defaults of the extension, version 6. */
const MAX_BATCH = 100;
const MAX_WAIT_MS = 60_000;

export interface HubListenerParts {
  readonly world: World;
  readonly tree: ResourceTree;
  readonly hubs: ReadonlyMap<Resource, Hub>;
  readonly checkpoints: Checkpoints;
  readonly siteId: string;
  readonly host: AppHost;
  readonly trigger: Trigger;
}

interface Source {
  readonly namespace: Resource;
  readonly entity: Resource;
  readonly hub: Hub;
  readonly group: string;
}

export class HubListener {
  readonly #parts: HubListenerParts;
  #readers: readonly PartitionReader[] = [];
  #hub: Hub | undefined;
  #unwatch: (() => void) | undefined;
  #isStopped = false;
  #problem = '';
  #cancelRetry: (() => void) | undefined;

  constructor(parts: HubListenerParts) {
    this.#parts = parts;
  }

  get isBusy(): boolean {
    return this.#readers.some((reader) => reader.isBusy);
  }

  /** Begins to read, or tries again. */
  start(): void {
    if (this.#isStopped) return;
    this.#cancelRetry?.();
    const source = this.#source();
    if ('problem' in source) return this.#refused(source.problem);
    this.#problem = '';
    if (this.#hub === source.hub) return;
    this.#end();
    this.#hub = source.hub;
    this.#readers = source.hub.partitions.map((partition) => this.#reader(source, partition.id));
    this.#unwatch = source.hub.watch(({ id }) => this.#readers[Number(id)]?.wake());
    for (const reader of this.#readers) reader.wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry?.();
    this.#end();
  }

  #end(): void {
    this.#unwatch?.();
    for (const reader of this.#readers) reader.stop();
  }

  #reader({ namespace, entity, hub, group }: Source, id: string): PartitionReader {
    const { world, host, trigger, checkpoints, siteId } = this.#parts;
    const partition = hub.partitions[Number(id)];
    if (!partition) throw new Error(`There is no partition ${id}`);
    const option = (name: string): unknown =>
      hostOption(world.web.hostConfigOf(siteId), ['extensions', 'eventHubs', name]);
    return new PartitionReader({
      world,
      host,
      trigger,
      hub,
      partition,
      place: { namespace: namespace.name, hub: entity.name, consumerGroup: group, partition: id },
      checkpoint: checkpoints.of(siteId, entity, group, id),
      start: startOf(partition, option('initialOffsetOptions')),
      maxBatch: countOf(option('maxEventBatchSize')) ?? MAX_BATCH,
      minBatch: countOf(option('minEventBatchSize')) ?? 1,
      maxWaitMs: spanMs(option('maxWaitTime')) ?? MAX_WAIT_MS,
    });
  }

  #source(): Source | { readonly problem: string } {
    const { world, siteId, trigger, tree, hubs } = this.#parts;
    const { options } = trigger;
    const found = connectedHost(world, siteId, options['connection'], 'fullyqualifiednamespace');
    if ('problem' in found) return found;
    const namespace = tree.named('Microsoft.EventHub/namespaces', found.name);
    if (!namespace) return { problem: `No such host is known: '${found.name}'.` };
    const name = textOf(options['eventHubName']);
    const entity = tree.child(namespace, 'eventhubs', name);
    const group = textOf(options['consumerGroup']) || DEFAULT_GROUP;
    const groupResource = entity && tree.child(entity, 'consumergroups', group);
    const hub = entity && hubs.get(entity);
    if (!hub || !groupResource) {
      const path = `${name}${entity ? `/consumergroups/${group}` : ''}`;
      return {
        problem: `The messaging entity 'sb://${namespace.name}.servicebus.windows.net/${path}' could not be found.`,
      };
    }
    if (!world.roles.allows(found.caller, groupResource.id, RECEIVERS)) {
      return {
        problem: `Unauthorized access. 'Listen' claim(s) are required to perform this operation. Resource: 'sb://${namespace.name}.servicebus.windows.net/${name}/consumergroups/${group}'.`,
      };
    }
    return { namespace, entity, hub, group: groupResource.name };
  }

  #refused(problem: string): void {
    const { world, siteId, trigger } = this.#parts;
    const { functionName } = trigger;
    if (problem !== this.#problem) {
      const message = `The listener for function 'Functions.${functionName}' was unable to start. ${problem}`;
      hostTrace(world, siteId, { message, severity: 3, functionName });
    }
    this.#problem = problem;
    this.#cancelRetry = world.clock.after(REFUSED_MS, () => this.start());
  }
}

/** Where a consumer group begins that has read nothing of a partition yet. Default: at its beginning. */
function startOf(partition: Partition, options: unknown): number {
  const map = mapOf(options);
  const type = textOf(hostOption(map, ['type'])).toLowerCase();
  if (type === 'fromend') return partition.end;
  if (type !== 'fromenqueuedtime') return 0;
  const time = Date.parse(textOf(hostOption(map, ['enqueuedTimeUtc'])));
  return Number.isNaN(time) ? partition.end : partition.positionAt(time);
}
