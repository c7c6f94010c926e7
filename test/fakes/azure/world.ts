/** Puts the parts together: each reaches the others through the world, when it needs them. */
import { Work } from '../aws/core/work.ts';
import { ResourceManager } from './arm/dispatch.ts';
import { guidOf } from './core/guid.ts';
import { Identity } from './core/identity.ts';
import { ManagedIdentities } from './core/managed-identities.ts';
import { Operations } from './core/operations.ts';
import type { ArmProvider, FakeClock, WireReply, World } from './core/ports.ts';
import { RoleAssignments } from './core/roles.ts';
import { PlaneServers, type PlaneServersOptions } from './core/server.ts';
import { ArmFault, type PlaneRequest } from './core/service.ts';
import { answerTokenRequest } from './core/token-endpoint.ts';
import { IS_WRITE } from './core/writes.ts';
import { createCosmos } from './cosmos/index.ts';
import { createEventGrid } from './event-grid/index.ts';
import { createEventHubs } from './event-hubs/index.ts';
import { createListeners } from './listeners/index.ts';
import { createRuntime } from './runtime/index.ts';
import { createServiceBus } from './service-bus/index.ts';
import { createStorage } from './storage/index.ts';
import { createTelemetry } from './telemetry/index.ts';
import { createVault } from './vault/index.ts';
import { createWeb } from './web/index.ts';

export interface WorldOptions {
  readonly clock: FakeClock;
  /** Default: `westeurope`. */
  readonly location?: string;
  /** Stands between the wire and the planes, for calls of the deployer. */
  readonly intercept?: PlaneServersOptions['intercept'];
}

/** The world, and what only tests may know of it. */
export interface FakeWorld extends World {
  readonly identity: Identity;
  readonly work: Work;
  /** With what tests may change of the platform. */
  readonly web: ReturnType<typeof createWeb>;
  /** Storage itself, for accounts of strangers. */
  readonly storageFake: ReturnType<typeof createStorage>;
  /** Resource Manager, for calls past the wire. */
  readonly arm: ResourceManager;
  /** Whether a trigger is at work, or has something that it could deliver now. */
  busy(): boolean;
  /** A line for every resource of every part, sorted. */
  inventory(): readonly string[];
  stop(): Promise<void>;
}

type PlaneName = keyof World['planes'];
type Handler = (request: PlaneRequest) => Promise<WireReply>;

const MANAGEMENT = 'https://management.azure.com';
const STORAGE = 'https://storage.azure.com';
/** What tokens must be for. The token endpoint takes none. */
const AUDIENCES: Readonly<Record<PlaneName, string | undefined>> = {
  blob: STORAGE,
  queue: STORAGE,
  vault: 'https://vault.azure.net',
  serviceBus: 'https://servicebus.azure.net',
  eventGrid: 'https://eventgrid.azure.net',
  identity: undefined,
  logs: 'https://api.loganalytics.io',
};

export async function createWorld(options: WorldOptions): Promise<FakeWorld> {
  const { clock, location = 'westeurope' } = options;
  const subscriptionId = guidOf('subscription');
  const tenantId = guidOf('tenant');
  const work = new Work();
  const managed = new ManagedIdentities({ clock, tenantId });
  const identity = new Identity((id) => managed.identityOf(id));
  const roles = new RoleAssignments({
    clock,
    tenantId,
    principal: (id) => managed.ofPrincipal(id),
  });
  const servers = new PlaneServers({
    callerOf: (token, audience) => identity.callerOf(token, audience),
    ...(options.intercept && { intercept: options.intercept }),
  });
  const operations = new Operations({ clock, work, subscriptionId, endpoint: () => endpoint });
  const arm: ResourceManager = new ResourceManager({
    clock,
    subscriptionId,
    tenantId,
    operations,
    roles,
    providers: () => providers,
    metrics: (call) => telemetry.metrics(call),
  });

  // Nobody asks before all parts are there: where to ask is only told with the finished world.
  const handlers: Readonly<Record<PlaneName, Handler>> = {
    blob: (request) => storage.blobPlane(request),
    queue: (request) => storage.queuePlane(request),
    vault: (request) => vault.handle(request),
    serviceBus: (request) => serviceBus.handle?.(request) ?? nobody(),
    eventGrid: (request) => eventGrid.handle(request),
    identity: async (request) =>
      answerTokenRequest({ identity, isGone: (id) => managed.isGone(id) }, request),
    logs: (request) => telemetry.handle(request),
  };
  const open = (name: string, audience: string | undefined, handle: Handler): Promise<string> =>
    servers.open({ name, audience, handle, ...(IS_WRITE[name] && { isWrite: IS_WRITE[name] }) });
  const openPlane = (name: PlaneName): Promise<string> =>
    open(name, AUDIENCES[name], handlers[name]);
  const endpoint = await open('arm', MANAGEMENT, (request) => arm.handle(request));
  const planes = {
    blob: await openPlane('blob'),
    queue: await openPlane('queue'),
    vault: await openPlane('vault'),
    serviceBus: await openPlane('serviceBus'),
    eventGrid: await openPlane('eventGrid'),
    identity: await openPlane('identity'),
    logs: await openPlane('logs'),
  };

  const world: FakeWorld = {
    clock,
    subscriptionId,
    tenantId,
    location,
    endpoint,
    planes,
    identity,
    roles,
    operations,
    work,
    arm,
    get storageFake() {
      return storage;
    },
    get storage() {
      return storage.storage;
    },
    get blobs() {
      return storage.blobs;
    },
    get queues() {
      return storage.queues;
    },
    get vault() {
      return vault;
    },
    get runtime() {
      return runtime;
    },
    get web() {
      return web;
    },
    get telemetry() {
      return telemetry;
    },
    get serviceBus() {
      return serviceBus;
    },
    get eventHubs() {
      return eventHubs;
    },
    get cosmos() {
      return cosmos;
    },
    get eventGrid() {
      return eventGrid;
    },
    busy: () => [listeners, serviceBus, eventHubs, cosmos, eventGrid].some((one) => one.busy()),
    inventory: () =>
      [
        ...arm.groups.all.map(({ name }) => `resource group ${name}`),
        ...providers.flatMap((provider) => provider.inventory()),
      ].toSorted(),
    async stop() {
      listeners.stop();
      await runtime.stop();
      await Promise.all(providers.map(async (provider) => provider.stop?.()));
      await servers.stop();
    },
  };

  const storage = createStorage(world);
  const vault = createVault(world, (name) => void arm.groups.ensure(name, location));
  const telemetry = createTelemetry(world);
  const runtime = createRuntime(world);
  const web = createWeb(world, servers);
  const serviceBus = createServiceBus(world);
  const eventHubs = createEventHubs(world);
  const cosmos = createCosmos(world);
  const eventGrid = createEventGrid(world);
  const listeners = createListeners(world);
  // In the order in which the deletion of a group takes them away: first what uses, then what is used.
  const providers: readonly ArmProvider[] = [
    web,
    eventGrid.provider,
    serviceBus.provider,
    eventHubs.provider,
    cosmos.provider,
    ...telemetry.providers,
    storage.provider,
    vault.provider,
    managed,
    roles,
  ];
  return world;
}

function nobody(): Promise<WireReply> {
  return Promise.reject(new ArmFault(404, 'NotFound', 'Nothing answers here.'));
}
