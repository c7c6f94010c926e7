/** Brings the change feed of a container to a function, once it is let in. */
import { textOf } from '../core/json.ts';
import type { AppHost, World } from '../core/ports.ts';
import { countOf, hostTrace, type Trigger } from '../listeners/bindings.ts';
import { connectedHost } from '../service-bus/connection-host.ts';
import type { Resource } from '../service-bus/resource-tree/resource.ts';
import type { ResourceTree } from '../service-bus/resource-tree/tree.ts';
import { ACCOUNT_TYPE } from './accounts.ts';
import { RANGES, type ContainerData } from './container-data.ts';
import type { Leases } from './leases.ts';
import { RangeReader } from './range-reader.ts';
import { CONTRIBUTOR, mayAccess, READER } from './role-assignments.ts';

/** While it is not let in, it tries again after so long. */
const REFUSED_MS = 5000;
/** Defaults of the extension, version 4. */
const POLL_MS = 5000;
const MAX_ITEMS = 100;
const LEASE_CONTAINER = 'leases';

export interface CosmosListenerParts {
  readonly world: World;
  readonly tree: ResourceTree;
  readonly data: ReadonlyMap<Resource, ContainerData>;
  readonly leases: Leases;
  readonly siteId: string;
  readonly host: AppHost;
  readonly trigger: Trigger;
}

interface Source {
  readonly container: Resource;
  readonly data: ContainerData;
  readonly leaseContainer: Resource;
}

export class CosmosListener {
  readonly #parts: CosmosListenerParts;
  #readers: readonly RangeReader[] = [];
  #data: ContainerData | undefined;
  #unwatch: (() => void) | undefined;
  #isStopped = false;
  #problem = '';
  #cancelRetry: (() => void) | undefined;

  constructor(parts: CosmosListenerParts) {
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
    if (this.#data === source.data) return;
    this.#end();
    this.#data = source.data;
    const readers = new Map<string, RangeReader>(
      RANGES.map((range) => [range, this.#reader(source, range)]),
    );
    this.#readers = [...readers.values()];
    this.#unwatch = source.data.watch((range) => readers.get(range)?.changed());
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

  #reader({ container, data, leaseContainer }: Source, range: string): RangeReader {
    const { world, host, trigger, leases } = this.#parts;
    const { options } = trigger;
    const start = startOf(options, data);
    const prefix = textOf(options['leaseContainerPrefix']);
    return new RangeReader({
      world,
      host,
      trigger,
      data,
      range,
      lease: leases.of(leaseContainer, prefix, container, range, start),
      maxItems: countOf(options['maxItemsPerInvocation']) ?? MAX_ITEMS,
      pollMs: countOf(options['feedPollDelay']) ?? POLL_MS,
    });
  }

  #source(): Source | { readonly problem: string } {
    const { world, siteId, trigger, tree, data } = this.#parts;
    const { options } = trigger;
    const wrong = wrongStart(options);
    if (wrong !== undefined) return { problem: wrong };
    const found = connectedHost(world, siteId, options['connection'], 'accountendpoint');
    if ('problem' in found) return found;
    const account = tree.named(ACCOUNT_TYPE, found.name);
    if (!account) return { problem: `No such host is known: '${found.name}'.` };
    const find = (database: string, name: string): Resource | undefined => {
      const parent = tree.child(account, 'sqlDatabases', database);
      const container = parent && tree.child(parent, 'containers', name);
      return container && tree.stateOf(container) === 'ready' ? container : undefined;
    };
    const database = textOf(options['databaseName']);
    const name = textOf(options['containerName']);
    const container = find(database, name);
    const documents = container && data.get(container);
    if (!container || !documents) {
      return {
        problem: `Cannot create container information for '${name}' in database '${database}' with lease: Response status code does not indicate success: NotFound (404).`,
      };
    }
    const leaseName = textOf(options['leaseContainerName']) || LEASE_CONTAINER;
    const leaseDatabase = textOf(options['leaseDatabaseName']) || database;
    const leaseContainer = find(leaseDatabase, leaseName);
    if (!leaseContainer) {
      const isAsked = options['createLeaseContainerIfNotExists'] === true;
      return {
        // Identities may work with data; containers are made by Resource Manager alone.
        problem: isAsked
          ? `Response status code does not indicate success: Forbidden (403); Substatus: 5300; Reason: The given request [POST /dbs/${leaseDatabase}/colls] cannot be authorized by AAD token in data plane. Learn more: https://aka.ms/cosmos-native-rbac.`
          : `Cannot create Cosmos DB lease container '${leaseName}': it does not exist in database '${leaseDatabase}'.`,
      };
    }
    const { caller } = found;
    const allows = (one: Resource, roleIds: readonly string[]): boolean =>
      mayAccess(world.clock, tree, caller, one, roleIds);
    const shut = !allows(container, [READER, CONTRIBUTOR])
      ? container
      : !allows(leaseContainer, [CONTRIBUTOR])
        ? leaseContainer
        : undefined;
    if (shut) {
      return {
        problem: `Response status code does not indicate success: Forbidden (403); Substatus: 5301; Reason: Request blocked by Auth ${account.name} : Request is blocked because principal [${caller.principalId}] does not have required RBAC permissions on resource [/dbs/${shut.parent?.name}/colls/${shut.name}].`,
      };
    }
    return { container, data: documents, leaseContainer };
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

type Options = Trigger['options'];

/** Where a feed begins that has no lease yet. */
function startOf(options: Options, data: ContainerData): number {
  if (options['startFromBeginning'] === true) return 0;
  const time = textOf(options['startFromTime']);
  return time === '' ? data.end : data.endOf(Math.floor(momentOf(time) / 1000));
}

function wrongStart(options: Options): string | undefined {
  const time = textOf(options['startFromTime']);
  if (time === '') return undefined;
  if (options['startFromBeginning'] === true) {
    return 'Only one of StartFromBeginning or StartFromTime can be used';
  }
  return Number.isNaN(momentOf(time))
    ? "The specified StartFromTime parameter is not in the correct format. Please use the ISO 8601 format with the UTC designator. For example: '2021-02-16T14:19:29Z'."
    : undefined;
}

/** A time without a zone is that of the machine, which is UTC. */
function momentOf(time: string): number {
  return Date.parse(/(?:Z|[+-]\d{2}:\d{2})$/.test(time) ? time : `${time}Z`);
}
