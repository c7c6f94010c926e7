/** Azure Event Hubs: namespaces with hubs and consumer groups, and their triggers. */
import type { ArmCall, ArmProvider, EventHubsPort, World } from '../core/ports.ts';
import { watchSites } from '../listeners/bindings.ts';
import { nameAvailability } from '../service-bus/name-availability.ts';
import { namespaceRules } from '../service-bus/namespaces.ts';
import { lazily } from '../service-bus/resource-tree/lazily.ts';
import type { Resource } from '../service-bus/resource-tree/resource.ts';
import { ResourceTree } from '../service-bus/resource-tree/tree.ts';
import { Checkpoints } from './checkpoints.ts';
import { groupRules, hubRules } from './entities.ts';
import { Hub } from './hub.ts';
import { HubListener } from './listener.ts';

const NAMESPACE = 'Microsoft.EventHub';
const API_VERSIONS = [
  '2017-04-01',
  '2021-11-01',
  '2022-01-01-preview',
  '2022-10-01-preview',
  '2023-01-01-preview',
  '2024-01-01',
  '2024-05-01-preview',
  '2025-05-01-preview',
];

export interface EventHubsFake extends EventHubsPort {
  readonly provider: ArmProvider;
  /** Deliveries are under way, or due now. */
  busy(): boolean;
  /** Lets the name of a namespace be somebody else's. */
  plant(namespace: string): void;
}

export function createEventHubs(world: World): EventHubsFake {
  const hubs = new Map<Resource, Hub>();
  const checkpoints = new Checkpoints();
  const listeners = new Set<HubListener>();
  const parts = {
    apiVersions: API_VERSIONS,
    tree: (): ResourceTree => tree,
    made(entity: Resource) {
      const count = Number(entity.properties['partitionCount']);
      hubs.set(entity, new Hub(world.clock, count, () => retentionHours(entity)));
      for (const listener of listeners) listener.start();
    },
    removed: (entity: Resource) => void hubs.delete(entity),
  };
  const tree: ResourceTree = new ResourceTree(world, NAMESPACE, [
    namespaceRules({
      type: `${NAMESPACE}/namespaces`,
      label: 'event hubs namespace',
      apiVersions: API_VERSIONS,
      endpoint: (name) => `https://${name}.servicebus.windows.net:443/`,
      maxCapacity: { Basic: 40, Standard: 40, Premium: 16 },
      defaultCapacity: 1,
    }),
    hubRules(parts),
    groupRules(parts),
  ]);
  const watching = lazily(() =>
    watchSites(
      world,
      ({ siteId, host, triggers }) => {
        const own = triggers
          .filter(({ type }) => type.toLowerCase() === 'eventhubtrigger')
          .map(
            (trigger) => new HubListener({ world, tree, hubs, checkpoints, siteId, host, trigger }),
          );
        for (const listener of own) {
          listeners.add(listener);
          listener.start();
        }
        return () => {
          for (const listener of own) listener.stop();
        };
      },
      (siteId) => checkpoints.forget(siteId),
    ),
  );

  return {
    provider: {
      namespace: NAMESPACE,
      handle: async (call: ArmCall) => {
        watching.start();
        return nameAvailability(call, tree, API_VERSIONS) ?? tree.handle(call);
      },
      resourcesIn: (group) => tree.resourcesIn(group),
      deleteGroup: (group) => tree.deleteGroup(group),
      tags: (id) => tree.tags(id),
      setTags: (id, tags) => tree.setTags(id, tags),
      // Every hub has the default group.
      inventory: () => tree.inventory().filter((line) => !line.endsWith('/$Default')),
      stop: async () => watching.stop(),
    },
    busy: () => watching.busy() || [...listeners].some((listener) => listener.isBusy),
    plant: (name) => tree.plant(name),
    send(namespace, hub, partitionKey, body) {
      watching.start();
      const found = tree.named(`${NAMESPACE}/namespaces`, namespace);
      const entity = found && tree.child(found, 'eventhubs', hub);
      const kept = entity && hubs.get(entity);
      if (!kept) throw new Error(`There is no hub ${hub} in an Event Hubs namespace ${namespace}`);
      kept.send(partitionKey, body);
    },
  };
}

function retentionHours({ properties }: Resource): number {
  const description = properties['retentionDescription'];
  if (typeof description !== 'object' || description === null) return 168;
  const { retentionTimeInHours = 168 }: { retentionTimeInHours?: unknown } = description;
  return Number(retentionTimeInHours);
}
