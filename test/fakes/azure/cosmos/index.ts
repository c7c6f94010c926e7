/** Azure Cosmos DB for NoSQL: accounts, databases, containers, roles on data, and the change feed trigger. */
import type { ArmCall, ArmProvider, CosmosPort, WireReply, World } from '../core/ports.ts';
import { watchSites } from '../listeners/bindings.ts';
import { lazily } from '../service-bus/resource-tree/lazily.ts';
import type { Resource } from '../service-bus/resource-tree/resource.ts';
import { ResourceTree } from '../service-bus/resource-tree/tree.ts';
import { ACCOUNT_TYPE, accountRules } from './accounts.ts';
import { ContainerData } from './container-data.ts';
import { containerRules, databaseRules, partitionPath } from './databases.ts';
import { Leases } from './leases.ts';
import { CosmosListener } from './listener.ts';
import { roleAssignmentRules } from './role-assignments.ts';

const NAMESPACE = 'Microsoft.DocumentDB';
const API_VERSIONS = [
  '2021-10-15',
  '2022-05-15',
  '2022-11-15',
  '2023-04-15',
  '2023-11-15',
  '2024-05-15',
  '2024-08-15',
  '2024-11-15',
  '2025-04-15',
  '2025-10-15',
];

export interface CosmosFake extends CosmosPort {
  readonly provider: ArmProvider;
  /** Deliveries are under way, or due now. */
  busy(): boolean;
  /** Lets the name of an account be somebody else's. */
  plant(account: string): void;
}

export function createCosmos(world: World): CosmosFake {
  const data = new Map<Resource, ContainerData>();
  const leases = new Leases();
  const listeners = new Set<CosmosListener>();
  const tree = new ResourceTree(world, NAMESPACE, [
    accountRules(API_VERSIONS),
    databaseRules(API_VERSIONS),
    containerRules(API_VERSIONS, {
      made(container) {
        data.set(container, new ContainerData(world.clock, partitionPath(container), container.id));
        for (const listener of listeners) listener.start();
      },
      removed(container) {
        data.delete(container);
        leases.forget(container);
      },
    }),
    roleAssignmentRules(API_VERSIONS),
  ]);
  const watching = lazily(() =>
    watchSites(world, ({ siteId, host, triggers }) => {
      const own = triggers
        .filter(({ type }) => type.toLowerCase() === 'cosmosdbtrigger')
        .map((trigger) => new CosmosListener({ world, tree, data, leases, siteId, host, trigger }));
      for (const listener of own) {
        listeners.add(listener);
        listener.start();
      }
      return () => {
        for (const listener of own) listener.stop();
      };
    }),
  );

  function dataOf(account: string, database: string, container: string): ContainerData {
    const parent = tree.named(ACCOUNT_TYPE, account);
    const kept = parent && tree.child(parent, 'sqlDatabases', database);
    const found = kept && tree.child(kept, 'containers', container);
    const documents = found && data.get(found);
    if (documents) return documents;
    throw new Error(`There is no container ${container} in ${database} of the account ${account}`);
  }

  return {
    provider: {
      namespace: NAMESPACE,
      handle: async (call: ArmCall) => {
        watching.start();
        return nameExists(call, tree) ?? tree.handle(call);
      },
      resourcesIn: (group) => tree.resourcesIn(group),
      deleteGroup: (group) => tree.deleteGroup(group),
      tags: (id) => tree.tags(id),
      setTags: (id, tags) => tree.setTags(id, tags),
      inventory: () => tree.inventory(),
      stop: async () => watching.stop(),
    },
    busy: () => watching.busy() || [...listeners].some((listener) => listener.isBusy),
    plant: (name) => tree.plant(name),
    upsert(account, database, container, document) {
      watching.start();
      dataOf(account, database, container).upsert(document);
    },
    delete: (account, database, container, id) => dataOf(account, database, container).delete(id),
  };
}

/** `HEAD /providers/Microsoft.DocumentDB/databaseAccountNames/NAME`; undefined for another call. */
function nameExists(call: ArmCall, tree: ResourceTree): WireReply | undefined {
  const [, name] = /\/databaseAccountNames\/([^/]+)$/i.exec(call.path) ?? [];
  if (name === undefined || call.method !== 'HEAD') return undefined;
  return { status: tree.isTaken(name) ? 200 : 404 };
}
