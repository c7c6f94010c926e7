/** Event Grid in a small world: Resource Manager, storage, roles and the planes, on a clock that only the test moves. */
import { afterEach, beforeEach } from 'vitest';
import { Work } from '../../fakes/aws/core/work.ts';
import { ResourceManager } from '../../fakes/azure/arm/dispatch.ts';
import { guidOf } from '../../fakes/azure/core/guid.ts';
import { Identity } from '../../fakes/azure/core/identity.ts';
import { at, mapOf, textOf, type JsonMap } from '../../fakes/azure/core/json.ts';
import { ManagedIdentities } from '../../fakes/azure/core/managed-identities.ts';
import { Operations } from '../../fakes/azure/core/operations.ts';
import type {
  AppHost,
  Caller,
  RegisteredFunction,
  TriggerCall,
  TriggerOutcome,
  World,
} from '../../fakes/azure/core/ports.ts';
import { RoleAssignments } from '../../fakes/azure/core/roles.ts';
import { PlaneServers } from '../../fakes/azure/core/server.ts';
import { createEventGrid } from '../../fakes/azure/event-grid/index.ts';
import { createStorage } from '../../fakes/azure/storage/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const NOW = Date.UTC(2026, 10, 21, 9);
export const SUBSCRIPTION = guidOf('subscription');
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop`;
export const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/shopdata`;
export const TOPIC = `${GROUP}/providers/Microsoft.EventGrid/topics/shop-bus`;
export const SYSTEM_TOPIC = `${GROUP}/providers/Microsoft.EventGrid/systemTopics/shop-blobs`;
export const SITE = `${GROUP}/providers/Microsoft.Web/sites/shop-fn`;
const TENANT = guidOf('tenant');
const STORAGE_API = '2025-01-01';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly code: string;
  readonly message: string;
  readonly properties: JsonMap;
  readonly value: readonly unknown[];
}

/** A site's host that writes down what it is called with. */
class Host implements AppHost {
  readonly calls: TriggerCall[] = [];
  /** One for each call; then all succeed. */
  readonly outcomes: TriggerOutcome[] = [];
  readonly #functions: readonly RegisteredFunction[];

  constructor(functions: readonly RegisteredFunction[]) {
    this.#functions = functions;
  }

  status(): Promise<{ readonly state: 'Running'; readonly errors: readonly string[] }> {
    return Promise.resolve({ state: 'Running', errors: [] });
  }

  functions(): Promise<readonly RegisteredFunction[]> {
    return Promise.resolve(this.#functions);
  }

  invoke(call: TriggerCall): Promise<TriggerOutcome> {
    this.calls.push(call);
    return Promise.resolve(this.outcomes.shift() ?? { ok: true });
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

export type Scene = Awaited<ReturnType<typeof startScene>>;

async function startScene() {
  const clock = new ManualClock(NOW);
  const work = new Work();
  const managed = new ManagedIdentities({ clock, tenantId: TENANT });
  const identity = new Identity((id) => managed.identityOf(id));
  const roles = new RoleAssignments({
    clock,
    tenantId: TENANT,
    principal: (id) => managed.ofPrincipal(id),
  });
  const servers = new PlaneServers({
    callerOf: (token, audience) => identity.callerOf(token, audience),
  });
  const operations = new Operations({
    clock,
    work,
    subscriptionId: SUBSCRIPTION,
    endpoint: () => 'http://127.0.0.1:9',
  });
  const open = await servers.open({
    name: 'eventGrid',
    audience: 'https://eventgrid.azure.net',
    handle: (request) => eventGrid.handle(request),
  });
  const nowhere = 'http://127.0.0.1:9';
  const hosts = new Map<string, Host>();
  const world: World = {
    clock,
    work,
    subscriptionId: SUBSCRIPTION,
    tenantId: TENANT,
    location: 'westeurope',
    endpoint: nowhere,
    planes: {
      blob: nowhere,
      queue: nowhere,
      vault: nowhere,
      serviceBus: nowhere,
      eventGrid: open,
      identity: nowhere,
      logs: nowhere,
    },
    identity,
    roles,
    operations,
    get storage() {
      return storage.storage;
    },
    get blobs() {
      return storage.blobs;
    },
    get queues() {
      return storage.queues;
    },
    web: {
      hostOf: (siteId) => hosts.get(siteId),
      siteIds: () => [...hosts.keys()],
      onRestart: () => {},
      settingsOf: () => ({}),
      identitiesOf: () => ({}),
      hostConfigOf: () => ({}),
    },
    telemetry: { trace: () => {}, execution: () => {} },
    get vault() {
      return absent();
    },
    get runtime() {
      return absent();
    },
    get serviceBus() {
      return absent();
    },
    get eventHubs() {
      return absent();
    },
    get cosmos() {
      return absent();
    },
    get eventGrid() {
      return eventGrid;
    },
  };
  const storage = createStorage(world);
  const eventGrid = createEventGrid(world);
  const manager: ResourceManager = new ResourceManager({
    clock,
    subscriptionId: SUBSCRIPTION,
    tenantId: TENANT,
    operations,
    roles,
    providers: () => [eventGrid.provider, storage.provider, managed, roles],
  });
  manager.groups.ensure('shop', 'westeurope');

  const settle = async (): Promise<void> => {
    await work.idle();
    await clock.advance(0);
  };
  const advance = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    await settle();
  };

  async function arm(
    method: string,
    path: string,
    body?: object,
    apiVersion = '2022-06-15',
  ): Promise<Answer> {
    const caller = identity.deployer;
    const reply = await manager.call({ method, path, apiVersion, body, caller });
    return answerOf(reply.status, reply.headers ?? {}, reply.body);
  }

  /** Sends, and waits until the operation that it began is over. Answers with how that ended. */
  async function done(method: string, path: string, body?: object): Promise<Answer> {
    const begun = await arm(method, path, body);
    const operation = begun.headers['azure-asyncoperation'];
    if (operation === undefined) return begun;
    await advance(15_000);
    const { pathname, search } = new URL(operation);
    const request = { method: 'GET', url: `${pathname}${search}`, headers: {} };
    const look = { ...request, body: Buffer.alloc(0), caller: identity.deployer };
    const reply = await manager.handle(look);
    return answerOf(reply.status, reply.headers ?? {}, reply.body);
  }

  return {
    clock,
    world,
    identity,
    roles,
    eventGrid,
    manager,
    work,
    arm,
    done,
    settle,
    advance,
    /** An account with the queues and containers of the tests. */
    async storage(): Promise<void> {
      await armStorage('PUT', ACCOUNT, {
        location: 'westeurope',
        sku: { name: 'Standard_LRS' },
        kind: 'StorageV2',
        properties: {},
      });
      await advance(30_000);
      for (const queue of ['events', 'other']) {
        await armStorage('PUT', `${ACCOUNT}/queueServices/default/queues/${queue}`, {
          properties: {},
        });
      }
      for (const container of ['pictures', 'undelivered']) {
        await armStorage('PUT', `${ACCOUNT}/blobServices/default/containers/${container}`, {
          properties: {},
        });
      }
    },
    /** The topic of the tests. */
    topic: (inputSchema = 'CloudEventSchemaV1_0', id = TOPIC): Promise<Answer> =>
      done('PUT', id, { location: 'westeurope', properties: { inputSchema } }),
    systemTopic: (id = SYSTEM_TOPIC): Promise<Answer> =>
      done('PUT', id, {
        location: 'westeurope',
        properties: { source: ACCOUNT, topicType: 'Microsoft.Storage.StorageAccounts' },
      }),
    /** A site with these functions. */
    site(functions: readonly RegisteredFunction[]): Host {
      const host = new Host(functions);
      hosts.set(SITE, host);
      return host;
    },
    /** What is in a queue, decoded. */
    messages: (queue = 'events'): readonly JsonMap[] =>
      storage.queues
        .peek('shopdata', queue)
        .map(({ text }) => mapOf(JSON.parse(Buffer.from(text, 'base64').toString()))),
    /** Posts to a topic's endpoint. */
    async post(
      body: string,
      headers: Readonly<Record<string, string>>,
      topic = 'shop-bus',
    ): Promise<Answer> {
      const response = await fetch(`${open}/${topic}/api/events?api-version=2018-01-01`, {
        method: 'POST',
        headers,
        body,
      });
      const text = await response.text();
      await settle();
      return answerOf(response.status, {}, text === '' ? undefined : JSON.parse(text));
    },
    bearer: (caller: Caller = identity.deployer): Readonly<Record<string, string>> => ({
      authorization: `Bearer ${identity.issue(caller, 'https://eventgrid.azure.net')}`,
    }),
    async stop(): Promise<void> {
      await eventGrid.provider.stop?.();
      await servers.stop();
    },
  };

  async function armStorage(method: string, path: string, body: object): Promise<void> {
    const reply = await arm(method, path, body, STORAGE_API);
    if (reply.status >= 300) throw new Error(`Storage refused ${path}: ${reply.message}`);
  }
}

/** A scene of its own for every test of a file. */
export function useScene(): () => Scene {
  let scene: Scene | undefined;
  beforeEach(async () => {
    scene = await startScene();
  });
  afterEach(async () => scene?.stop());
  return () => {
    if (!scene) throw new Error('The scene is not there yet');
    return scene;
  };
}

/** The `properties` of a subscription that puts CloudEvents into a queue. */
export function toQueue(more: object = {}): { readonly properties: object } {
  return {
    properties: {
      destination: {
        endpointType: 'StorageQueue',
        properties: { resourceId: ACCOUNT, queueName: 'events' },
      },
      eventDeliverySchema: 'CloudEventSchemaV1_0',
      ...more,
    },
  };
}

export function cloudEvent(more: object = {}): JsonMap {
  return {
    specversion: '1.0',
    id: 'e1',
    source: 'shop.orders',
    type: 'order.placed',
    time: '2026-11-21T09:00:00Z',
    data: { total: 5 },
    ...more,
  };
}

function answerOf(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Answer {
  const value = at(body, 'value');
  return {
    status,
    headers,
    body,
    code: textOf(at(body, 'error', 'code')),
    message: textOf(at(body, 'error', 'message')),
    properties: mapOf(at(body, 'properties')),
    value: Array.isArray(value) ? value : [],
  };
}

function absent(): never {
  throw new Error('There is no such part in this world');
}
