/** A small world around the storage fake: a clock, servers for its planes, roles as told, and hosts that answer as told. */
import { randomUUID } from 'node:crypto';
import {
  AnonymousCredential,
  BlobServiceClient,
  newPipeline,
  type PipelineLike,
  type RequestPolicyFactory,
} from '@azure/storage-blob';
import { FakeTime } from '../../fakes/aws/core/clock.ts';
import { Work } from '../../fakes/aws/core/work.ts';
import type {
  AppHost,
  Caller,
  RegisteredFunction,
  TriggerCall,
  TriggerOutcome,
  World,
} from '../../fakes/azure/core/ports.ts';
import { PlaneServers } from '../../fakes/azure/core/server.ts';
import { ArmFault } from '../../fakes/azure/core/service.ts';
import { createStorage, type StorageFake } from '../../fakes/azure/storage/index.ts';

export const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
export const API_VERSION = '2025-01-01';
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop`;
export const DEPLOYER: Caller = { kind: 'deployer', principalId: 'deployer' };

export function accountId(name: string): string {
  return `${GROUP}/providers/Microsoft.Storage/storageAccounts/${name}`;
}

/** A host whose functions are told, and that records what it is invoked with. */
export class TestHost implements AppHost {
  readonly registered: readonly RegisteredFunction[];
  readonly calls: TriggerCall[] = [];
  /** One for each call; then all succeed. */
  readonly outcomes: (TriggerOutcome | Promise<TriggerOutcome>)[] = [];

  constructor(functions: readonly RegisteredFunction[]) {
    this.registered = functions;
  }

  status(): Promise<{ readonly state: 'Running'; readonly errors: readonly string[] }> {
    return Promise.resolve({ state: 'Running', errors: [] });
  }

  functions(): Promise<readonly RegisteredFunction[]> {
    return Promise.resolve(this.registered);
  }

  invoke(call: TriggerCall): Promise<TriggerOutcome> {
    this.calls.push(call);
    return Promise.resolve(this.outcomes.shift() ?? { ok: true });
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

interface TestSite {
  host: TestHost | undefined;
  settings: Readonly<Record<string, string>>;
  config: Readonly<Record<string, unknown>>;
}

export class Scene {
  readonly clock = new FakeTime();
  readonly work = new Work();
  readonly traces: string[] = [];
  /** `principal role scope` */
  readonly grants = new Set<string>();
  readonly sites = new Map<string, TestSite>();
  storage!: StorageFake;
  world!: World;
  readonly #callers = new Map<string, Caller>();
  readonly #restarts = new Set<(siteId: string) => void>();
  #servers!: PlaneServers;

  async start(): Promise<this> {
    this.#servers = new PlaneServers({ callerOf: (token) => this.#callers.get(token) });
    const audience = 'https://storage.azure.com';
    const blob = await this.#servers.open({
      name: 'blob',
      audience,
      handle: (request) => this.storage.blobPlane(request),
    });
    const queue = await this.#servers.open({
      name: 'queue',
      audience,
      handle: (request) => this.storage.queuePlane(request),
    });
    this.world = this.#world(blob, queue);
    this.storage = createStorage(this.world);
    return this;
  }

  stop(): Promise<void> {
    return this.#servers.stop();
  }

  token(caller: Caller): string {
    const token = randomUUID();
    this.#callers.set(token, caller);
    return token;
  }

  grant(principalId: string, role: string, scope: string): void {
    this.grants.add(`${principalId} ${role} ${scope}`);
  }

  /** Calls Resource Manager; a fault becomes what the core would answer. */
  async arm(
    method: string,
    path: string,
    body?: object,
    apiVersion = API_VERSION,
  ): Promise<{ readonly status: number; readonly code?: string; readonly body: unknown }> {
    const [bare = '', search = ''] = path.split('?');
    const query = new URLSearchParams(search);
    const call = { method, path: bare, apiVersion, query, headers: {}, body, caller: DEPLOYER };
    try {
      const reply = await this.storage.provider.handle(call);
      if (!reply) return { status: 404, code: 'InvalidResourceType', body: undefined };
      return { status: reply.status, body: reply.body };
    } catch (error) {
      if (!(error instanceof ArmFault)) throw error;
      return { status: error.status, code: error.code, body: error.message };
    }
  }

  /** Makes an account and waits until it is there. */
  async account(name: string, properties: object = {}): Promise<void> {
    const sku = { name: 'Standard_LRS' };
    await this.arm('PUT', accountId(name), {
      location: 'westeurope',
      sku,
      kind: 'StorageV2',
      properties,
    });
    await this.clock.advance(15_000);
  }

  /** The vendor's client, over http with a bearer token. */
  blobs(account: string, caller?: Caller): BlobServiceClient {
    return new BlobServiceClient(
      `${this.world.planes.blob}/${account}`,
      bearerPipeline(caller && this.token(caller)),
    );
  }

  /** A request of the data plane of queues. */
  async queue(
    method: string,
    path: string,
    options: {
      readonly caller?: Caller;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }> {
    const token = this.token(options.caller ?? DEPLOYER);
    const response = await fetch(`${this.world.planes.queue}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'x-ms-version': '2025-05-05',
        ...options.headers,
      },
      ...(options.body !== undefined && { body: options.body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  }

  /** Starts a site's host anew, with functions and settings. */
  restart(
    siteId: string,
    functions: readonly RegisteredFunction[] | undefined,
    settings: Readonly<Record<string, string>> = {},
    config: Readonly<Record<string, unknown>> = {},
  ): TestHost {
    const host = new TestHost(functions ?? []);
    this.sites.set(siteId, { host: functions && host, settings, config });
    this.tell(siteId);
    return host;
  }

  remove(siteId: string): void {
    this.sites.delete(siteId);
    this.tell(siteId);
  }

  tell(siteId: string): void {
    for (const listener of this.#restarts) listener(siteId);
  }

  /** Lets what is under way come to its end. */
  async settle(): Promise<void> {
    await this.clock.advance(0);
    await this.work.idle();
    await this.clock.advance(0);
  }

  #world(blob: string, queue: string): World {
    const nowhere = 'http://127.0.0.1:9';
    const { sites, grants, traces } = this;
    const restarts = this.#restarts;
    const fake = (): StorageFake => this.storage;
    return {
      clock: this.clock,
      work: this.work,
      subscriptionId: SUBSCRIPTION,
      tenantId: '00000000-0000-0000-0000-000000000002',
      location: 'westeurope',
      endpoint: nowhere,
      planes: {
        blob,
        queue,
        vault: nowhere,
        serviceBus: nowhere,
        eventGrid: nowhere,
        identity: nowhere,
        logs: nowhere,
      },
      get identity() {
        return absent();
      },
      roles: {
        allows: (caller, scope, roleIds) =>
          caller.kind !== 'identity' ||
          [...grants].some((grant) => {
            const [principal = '', role = '', at = ''] = grant.split(' ');
            return (
              principal === caller.principalId && roleIds.includes(role) && scope.startsWith(at)
            );
          }),
      },
      operations: {
        begin: () => ({
          'azure-asyncoperation': `${nowhere}/operation`,
          location: `${nowhere}/result`,
          'retry-after': '15',
        }),
      },
      get storage() {
        return fake().storage;
      },
      get blobs() {
        return fake().blobs;
      },
      get queues() {
        return fake().queues;
      },
      web: {
        hostOf: (siteId) => sites.get(siteId)?.host,
        siteIds: () => [...sites.keys()],
        onRestart: (listener) => void restarts.add(listener),
        settingsOf: (siteId) => sites.get(siteId)?.settings ?? {},
        identitiesOf: () => ({ 'client-1': 'worker' }),
        hostConfigOf: (siteId) => sites.get(siteId)?.config ?? {},
      },
      telemetry: {
        trace: ({ message }) => void traces.push(message),
        execution: () => undefined,
      },
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
        return absent();
      },
    };
  }
}

function absent(): never {
  throw new Error('There is no such part in this world');
}

/** The vendor's own credential for tokens refuses http. */
function bearerPipeline(token: string | undefined): PipelineLike {
  const pipeline = newPipeline(new AnonymousCredential(), {
    retryOptions: { maxTries: 1 },
  });
  if (token === undefined) return pipeline;
  const factory: RequestPolicyFactory = {
    create: (next) => ({
      sendRequest: (request) => {
        request.headers.set('authorization', `Bearer ${token}`);
        return next.sendRequest(request);
      },
    }),
  };
  pipeline.factories.unshift(factory);
  return pipeline;
}

/** The status and code that a call of the vendor's client was refused with. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ readonly status: unknown; readonly code: unknown }> {
  try {
    await call;
  } catch (error) {
    if (typeof error !== 'object' || error === null) throw error;
    const { statusCode, code }: { statusCode?: unknown; code?: unknown } = error;
    return { status: statusCode, code };
  }
  throw new Error('The call was not refused');
}
