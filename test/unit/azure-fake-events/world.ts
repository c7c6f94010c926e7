/** A small world around the event services: sites that write down what they are called with, queues, and blobs. */
import { FakeTime } from '../../fakes/aws/core/clock.ts';
import { Work } from '../../fakes/aws/core/work.ts';
import { at, mapOf, textOf, type JsonMap } from '../../fakes/azure/core/json.ts';
import { Operations } from '../../fakes/azure/core/operations.ts';
import type {
  AppHost,
  ArmProvider,
  BlobPort,
  Caller,
  RegisteredFunction,
  TriggerCall,
  TriggerData,
  TriggerOutcome,
  World,
} from '../../fakes/azure/core/ports.ts';
import { ArmFault } from '../../fakes/azure/core/service.ts';

export const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop`;
export const SITE = `${GROUP}/providers/Microsoft.Web/sites/shop-fn`;
export const STORAGE = `${GROUP}/providers/Microsoft.Storage/storageAccounts/shopdata`;
export const DEPLOYER: Caller = { kind: 'deployer', principalId: 'deployer' };
export const IDENTITY: Caller = { kind: 'identity', principalId: 'principal-1' };

/** An answer, with what tests look at in its body. */
interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly code: string;
  readonly message: string;
  readonly properties: JsonMap;
  /** The members of a list. */
  readonly value: readonly JsonMap[];
}

/** A site's host, whose functions answer as the test says. */
class Host implements AppHost {
  readonly #functions: readonly RegisteredFunction[];
  readonly #answer: (call: TriggerCall) => TriggerOutcome | Promise<TriggerOutcome>;

  constructor(
    functions: readonly RegisteredFunction[],
    answer: (call: TriggerCall) => TriggerOutcome | Promise<TriggerOutcome>,
  ) {
    this.#functions = functions;
    this.#answer = answer;
  }

  status(): Promise<{ readonly state: 'Running'; readonly errors: readonly string[] }> {
    return Promise.resolve({ state: 'Running', errors: [] });
  }

  functions(): Promise<readonly RegisteredFunction[]> {
    return Promise.resolve(this.#functions);
  }

  async invoke(call: TriggerCall): Promise<TriggerOutcome> {
    return this.#answer(call);
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

export class Surroundings {
  readonly clock = new FakeTime(Date.UTC(2026, 10, 20, 12));
  readonly work = new Work();
  readonly calls: TriggerCall[] = [];
  readonly traces: string[] = [];
  /** `principal role scope`: who may do what. */
  readonly granted = new Set<string>();
  readonly accounts = new Set(['shopdata']);
  readonly queues = new Map<string, string[]>([['shopdata/events', []]]);
  readonly containers = new Set(['shopdata/dead']);
  readonly blobs = new Map<string, Buffer>();
  readonly settings: Record<string, string> = {};
  /** Who the site's identity is. */
  principalId = IDENTITY.principalId;
  hostConfig: Readonly<Record<string, unknown>> = {};
  /** What the next calls come to; later ones succeed. */
  readonly outcomes: TriggerOutcome[] = [];
  /** Instead of answering at once. */
  hold: Promise<void> | undefined;
  #host: Host | undefined;
  readonly #restartListeners: ((siteId: string) => void)[] = [];
  readonly #blobListeners: Parameters<BlobPort['onChange']>[0][] = [];
  readonly operations = new Operations({
    clock: this.clock,
    work: this.work,
    subscriptionId: SUBSCRIPTION,
    endpoint: () => 'http://127.0.0.1:1',
  });

  /** The site's package registers one function, and its host starts. */
  async serve(
    binding: Readonly<Record<string, unknown>>,
    retryOptions?: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    this.#host = new Host(
      [{ name: 'work', bindings: { input: binding }, ...(retryOptions && { retryOptions }) }],
      async (call) => {
        this.calls.push(call);
        await this.hold;
        return this.outcomes.shift() ?? { ok: true };
      },
    );
    await this.restart();
  }

  async restart(): Promise<void> {
    for (const listener of this.#restartListeners) listener(SITE);
    await this.settle();
  }

  async remove(): Promise<void> {
    this.#host = undefined;
    await this.restart();
  }

  grant(principalId: string, roleId: string, scope: string): void {
    this.granted.add(`${principalId} ${roleId} ${scope.toLowerCase()}`);
  }

  putBlob(container: string, name: string, type: 'created' | 'deleted' = 'created'): void {
    const change = { account: 'shopdata', container, name, type, sizeBytes: 3 };
    for (const listener of this.#blobListeners) {
      listener({ ...change, contentType: 'text/plain', etag: '"0x1"' });
    }
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) {
      await this.work.idle();
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (this.work.failures.length > 0) throw this.work.failures[0];
  }

  async advance(ms: number): Promise<void> {
    await this.settle();
    await this.clock.advance(ms);
    await this.settle();
  }

  /** What the function was called with. */
  inputs(): readonly unknown[] {
    return this.calls.map(({ data }) => plain(data));
  }

  /** A member of the metadata of a call, parsed where it is JSON. */
  metadata(call: number, name: string): unknown {
    const data = this.calls[call]?.triggerMetadata?.[name];
    if (data === undefined) return undefined;
    return plain(data);
  }

  world(): World {
    const absent = (): never => {
      throw new Error('This is not part of the test');
    };
    return {
      clock: this.clock,
      subscriptionId: SUBSCRIPTION,
      tenantId: 'tenant',
      location: 'westeurope',
      endpoint: 'http://127.0.0.1:1',
      planes: {
        blob: 'http://127.0.0.1:2',
        queue: 'http://127.0.0.1:3',
        vault: 'http://127.0.0.1:4',
        serviceBus: 'http://127.0.0.1:5',
        eventGrid: 'http://127.0.0.1:6',
        identity: 'http://127.0.0.1:7',
        logs: 'http://127.0.0.1:8',
      },
      work: this.work,
      operations: this.operations,
      roles: {
        allows: (caller, scope, roleIds) =>
          caller.kind !== 'identity' ||
          roleIds.some((role) =>
            this.granted.has(`${caller.principalId} ${role} ${scope.toLowerCase()}`),
          ),
      },
      storage: {
        idOf: (account) =>
          this.accounts.has(account) ? STORAGE.replace('shopdata', account) : undefined,
        blobEndpoint: (account) => `http://127.0.0.1:2/${account}/`,
        queueEndpoint: (account) => `http://127.0.0.1:3/${account}/`,
        keyOf: absent,
      },
      queues: {
        exists: (account, queue) => this.queues.has(`${account}/${queue}`),
        put: (account, queue, text) => void this.queues.get(`${account}/${queue}`)?.push(text),
        create: absent,
        urlOf: absent,
        receive: absent,
        delete: absent,
        release: absent,
        nextVisibleAt: absent,
        peek: absent,
        drain: absent,
        onMessage: absent,
      },
      blobs: {
        containerExists: (account, container) => this.containers.has(`${account}/${container}`),
        put: (account, container, name, body) =>
          void this.blobs.set(`${account}/${container}/${name}`, body),
        onChange: (listener) => void this.#blobListeners.push(listener),
        get: absent,
        delete: absent,
        readBySas: absent,
      },
      web: {
        hostOf: () => this.#host,
        siteIds: () => (this.#host ? [SITE] : []),
        onRestart: (listener) => void this.#restartListeners.push(listener),
        settingsOf: () => this.settings,
        identitiesOf: () => ({ 'client-1': this.principalId }),
        hostConfigOf: () => this.hostConfig,
      },
      telemetry: { trace: ({ message }) => void this.traces.push(message), execution: absent },
      get identity(): never {
        return absent();
      },
      get vault(): never {
        return absent();
      },
      get runtime(): never {
        return absent();
      },
      get serviceBus(): never {
        return absent();
      },
      get eventHubs(): never {
        return absent();
      },
      get cosmos(): never {
        return absent();
      },
      get eventGrid(): never {
        return absent();
      },
    };
  }
}

/** What the protocol carries, without its wrapping. */
function plain(data: TriggerData): unknown {
  if ('json' in data) return JSON.parse(data.json);
  if ('string' in data) return data.string;
  if ('bytes' in data) return data.bytes;
  if ('collectionString' in data) return data.collectionString.string;
  return 'collectionBytes' in data ? data.collectionBytes.bytes : data.collectionSint64.sint64;
}

/** Settings of a connection by the site's identity. */
export function connection(name: string, field: string, value: string): Record<string, string> {
  return {
    [`${name}__${field}`]: value,
    [`${name}__credential`]: 'managedidentity',
    [`${name}__clientId`]: 'client-1',
  };
}

/** Calls a provider as Resource Manager does; refusals come as answers. */
export function armOf(provider: ArmProvider, apiVersion: string) {
  return async (method: string, path: string, body?: object): Promise<Reply> => {
    try {
      const reply = await provider.handle({
        method,
        path,
        apiVersion,
        query: new URLSearchParams(),
        headers: {},
        body,
        caller: DEPLOYER,
      });
      return replyOf(reply?.status ?? 404, reply?.headers, reply?.body);
    } catch (error) {
      if (!(error instanceof ArmFault)) throw error;
      const { status, code, message } = error;
      return replyOf(status, error.headers, { error: { code, message } });
    }
  };
}

function replyOf(
  status: number,
  headers: Readonly<Record<string, string>> | undefined,
  body: unknown,
): Reply {
  const value = at(body, 'value');
  return {
    status,
    headers: headers ?? {},
    body,
    code: textOf(at(body, 'error', 'code')),
    message: textOf(at(body, 'error', 'message')),
    properties: mapOf(at(body, 'properties')),
    value: Array.isArray(value) ? value.map(mapOf) : [],
  };
}
