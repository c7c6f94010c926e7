/**
 * What the parts of the fake know of each other. Each part lives in a folder of its own and is reached by the others
 * only through its port here; `world.ts` puts them together.
 */

import type { FakeClock } from '../../shared/fake-clock.ts';

export type { FakeClock };

/** Who sent a request, known by its bearer token. */
export interface Caller {
  /** `deployer`: may do everything; its calls are counted and may go wrong. `observer`: the tests' own. `identity`: a managed identity, bounded by its role assignments. */
  readonly kind: 'deployer' | 'observer' | 'identity';
  readonly principalId: string;
}

/** Audiences of tokens: `https://management.azure.com`, `https://storage.azure.com`, `https://vault.azure.net`, `https://servicebus.azure.net`, `https://eventgrid.azure.net`, `https://api.loganalytics.io`. */
export interface IdentityPort {
  /** A bearer token, as Microsoft Entra ID would issue it. */
  issue(caller: Caller, audience: string): string;
  /** Undefined when the token is unknown, ended, or for another audience. */
  callerOf(token: string, audience: string): Caller | undefined;
  /** A user-assigned identity by its ARM id; undefined when there is none. */
  identityOf(
    resourceId: string,
  ): { readonly principalId: string; readonly clientId: string } | undefined;
  /**
   * The value of `IDENTITY_HEADER` (sent as `X-IDENTITY-HEADER`) for an app with these identities, client id to
   * principal id: the identity plane issues tokens for them to whoever sends it. `IDENTITY_ENDPOINT` is any path on
   * `world.planes.identity`, such as `/msi/token`.
   */
  headerFor(identities: Readonly<Record<string, string>>): string;
}

export interface RolesPort {
  /**
   * Whether one of these roles (ids of role definitions) was assigned to the principal at the scope or above it, long
   * enough ago to have spread. Deployers and observers may do everything.
   */
  allows(caller: Caller, scope: string, roleIds: readonly string[]): boolean;
}

/** One request of Resource Manager. Paths are matched without regard to case. */
export interface ArmCall {
  readonly method: string;
  /** Without the query, percent-decoded, without a slash at the end. */
  readonly path: string;
  readonly apiVersion: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly caller: Caller;
}

export interface WireReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Buffer | object;
}

/** A resource provider of Resource Manager: `Microsoft.Web`. */
export interface ArmProvider {
  /** `Microsoft.Web` */
  readonly namespace: string;
  /** Answers, or throws an `ArmFault`. Undefined: no such resource type; the core answers as Resource Manager does. */
  handle(call: ArmCall): Promise<WireReply | undefined>;
  /** Ids of all its resources in a resource group, children not counted: what keeps the group from being empty. */
  resourcesIn(resourceGroup: string): readonly string[];
  /** Deletes all that it has in a resource group, for the deletion of the group. */
  deleteGroup(resourceGroup: string): void;
  /** The tags of a top-level resource, for the generic tags API; undefined when there is none. */
  tags(id: string): Readonly<Record<string, string>> | undefined;
  setTags(id: string, tags: Readonly<Record<string, string>>): void;
  /** A line for every resource that outlives a call: `web site shop-dev-orders`. */
  inventory(): readonly string[];
  stop?(): Promise<void>;
}

/** Long-running operations, which every provider may begin. */
export interface OperationsPort {
  /**
   * Begins an operation that ends so much later on the clock, and runs `end` then (throwing an `ArmFault` fails it).
   * @returns the headers of the 202 (or 201): `azure-asyncoperation` and `location`, and `retry-after`.
   */
  begin(options: {
    readonly durationMs: number;
    readonly end: () => void | Promise<void>;
    /** What `location` answers with once it has succeeded. Default: 200 without a body. */
    readonly result?: () => object;
  }): Readonly<Record<string, string>>;
}

/** Blobs of storage accounts. */
export interface BlobPort {
  containerExists(account: string, container: string): boolean;
  put(account: string, container: string, name: string, body: Buffer, contentType?: string): void;
  get(account: string, container: string, name: string): Buffer | undefined;
  delete(account: string, container: string, name: string): void;
  /** Whether a URL with a shared access signature may read, now. */
  readBySas(url: string): Buffer | undefined;
  /** Told of every blob that was made, replaced or deleted: the source of Event Grid's events. */
  onChange(
    listener: (change: {
      readonly account: string;
      readonly container: string;
      readonly name: string;
      readonly type: 'created' | 'deleted';
      readonly sizeBytes: number;
      readonly contentType: string;
      readonly etag: string;
    }) => void,
  ): void;
}

/** A message of a storage queue as its consumer gets it. */
export interface QueueItem {
  readonly messageId: string;
  readonly popReceipt: string;
  /** As it was put: base64 for the Functions host. */
  readonly text: string;
  readonly dequeueCount: number;
  readonly insertedAt: number;
  readonly expiresAt: number;
  readonly nextVisibleAt: number;
}

export interface QueuePort {
  exists(account: string, queue: string): boolean;
  create(account: string, queue: string): void;
  /** `https://x.queue.core.windows.net/orders` or its like here. */
  urlOf(account: string, queue: string): string;
  put(
    account: string,
    queue: string,
    text: string,
    options?: { readonly delaySeconds?: number },
  ): void;
  receive(
    account: string,
    queue: string,
    max: number,
    visibilitySeconds: number,
  ): readonly QueueItem[];
  delete(account: string, queue: string, messageId: string, popReceipt: string): boolean;
  /** Makes a received message visible again after so long. */
  release(
    account: string,
    queue: string,
    messageId: string,
    popReceipt: string,
    afterSeconds: number,
  ): void;
  nextVisibleAt(account: string, queue: string): number | undefined;
  peek(account: string, queue: string): readonly QueueItem[];
  drain(account: string, queue: string): readonly QueueItem[];
  onMessage(listener: (account: string, queue: string) => void): void;
}

/** Storage accounts themselves. */
export interface StoragePort {
  /** By name: its ARM id; undefined when there is none, or it is still being made. */
  idOf(account: string): string | undefined;
  readonly blobEndpoint: (account: string) => string;
  readonly queueEndpoint: (account: string) => string;
  /** The account's key, for connection strings. */
  keyOf(account: string): string;
}

/** Secrets of Key Vault. */
export interface VaultPort {
  set(vault: string, name: string, value: string): void;
  /** Resolves `@Microsoft.KeyVault(...)` for an identity: a value, or why not. */
  resolve(
    reference: string,
    caller: Caller,
  ):
    | { readonly value: string }
    | {
        readonly status:
          | 'SecretNotFound'
          | 'SecretVersionNotFound'
          | 'AccessToKeyVaultDenied'
          | 'VaultNotFound'
          | 'InvalidSyntax';
      };
}

/** A function that the package registered: `metadata.bindings` of `@azure/functions-core`. */
export interface RegisteredFunction {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly retryOptions?: Readonly<Record<string, unknown>>;
}

/** The input of one invocation by a trigger, as the worker gets it over RPC. */
export type TriggerData =
  | { readonly json: string }
  | { readonly string: string }
  | { readonly bytes: Buffer }
  | { readonly collectionString: { readonly string: readonly string[] } }
  | { readonly collectionBytes: { readonly bytes: readonly Buffer[] } }
  | { readonly collectionSint64: { readonly sint64: readonly LongNumber[] } };

/** A number of 64 bits in two halves, as protobufjs reads it where it is not told to make a JavaScript number of it. */
export interface LongNumber {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

export interface TriggerCall {
  readonly functionName: string;
  readonly data: TriggerData;
  readonly triggerMetadata?: Readonly<Record<string, TriggerData>>;
  readonly retryContext?: { readonly retryCount: number; readonly maxRetryCount: number };
}

/** What an invocation came to. `crashed`: the worker ended, or ran into the host's `functionTimeout`. */
export type TriggerOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly crashed: boolean; readonly message: string };

/** One running generation of a site: from a start to the next restart. */
export interface AppHost {
  /** `Running`, or `Error` with what went wrong; `Starting` before it was asked. Starts the host if need be. */
  status(): Promise<{ readonly state: 'Running' | 'Error'; readonly errors: readonly string[] }>;
  /** What is registered. Starts the host if need be. */
  functions(): Promise<readonly RegisteredFunction[]>;
  invoke(call: TriggerCall): Promise<TriggerOutcome>;
  /** Ends all instances; calls under way get a moment, as on a restart. */
  stop(): Promise<void>;
}

/** What a host is started with. */
export interface HostSetup {
  readonly siteName: string;
  readonly siteId: string;
  /** Files of the package that is mounted; undefined before the first one was published. */
  readonly files: ReadonlyMap<string, Buffer> | undefined;
  /** App settings, Key Vault references resolved. */
  readonly settings: Readonly<Record<string, string>>;
  readonly region: string;
  /** Null: as the plan has it. */
  readonly memoryMb: number;
  readonly maxInstances: number;
  /** Requests that one instance takes at once. */
  readonly httpConcurrency: number;
  /** Instances that are started at once and stay. */
  readonly alwaysReady: Readonly<Record<string, number>>;
  /** Managed identities of the site: client id to principal id. */
  readonly identities: Readonly<Record<string, string>>;
}

/** The runtime: makes hosts that really run packages under `@azure/functions`. */
export interface RuntimePort {
  start(setup: HostSetup): AppHost & {
    /** Serves an HTTP request that the front let through to a function; null when no function's route matches. */
    http(request: {
      readonly method: string;
      /** Path with query, as it was sent. */
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer;
      /** What the key of the request allows. */
      readonly keyLevel: 'anonymous' | 'function' | 'admin';
    }): Promise<WireReply & { readonly setCookies?: readonly string[] }>;
  };
}

/** Sites, for those who deliver to them. */
export interface WebPort {
  /** The present host of a site by its ARM id; undefined when there is no site, or it is stopped. */
  hostOf(siteId: string): AppHost | undefined;
  siteIds(): readonly string[];
  /** Calls when a site's host was started anew, or is gone. */
  onRestart(listener: (siteId: string) => void): void;
  /** The settings of a site, resolved, for a listener that needs its connections and queue names. */
  settingsOf(siteId: string): Readonly<Record<string, string>>;
  /** The principals of the identities of a site, by client id. */
  identitiesOf(siteId: string): Readonly<Record<string, string>>;
  /** `extensions` and the like of host.json, with `AzureFunctionsJobHost__` settings applied over it. */
  hostConfigOf(siteId: string): Readonly<Record<string, unknown>>;
}

/** Lines that functions printed, and calls that were made, for Azure Monitor and Application Insights. */
export interface TelemetryPort {
  /** A line of the standard output or error, as a trace. */
  trace(entry: {
    readonly siteName: string;
    readonly timeMs: number;
    readonly message: string;
    readonly severity: 0 | 1 | 2 | 3 | 4;
    readonly operationId: string;
    readonly functionName: string;
    readonly instanceId: string;
    /** Further properties of the record: `Category`, `InvocationId`. */
    readonly properties?: Readonly<Record<string, string>>;
  }): void;
  /** One execution of a function. */
  execution(entry: {
    readonly siteName: string;
    readonly timeMs: number;
    readonly functionName: string;
    readonly operationId: string;
    readonly durationMs: number;
    readonly success: boolean;
    readonly memoryMb: number;
    readonly httpStatus?: number;
    readonly instanceId: string;
    /** What the instance has, where `memoryMb` is what it used. */
    readonly instanceMemoryMb?: number;
    /** On an instance that is always ready. Default: false. */
    readonly isAlwaysReady?: boolean;
    readonly invocationId?: string;
    /** Why it failed. */
    readonly error?: {
      readonly type: string;
      readonly message: string;
      readonly stack: string;
      readonly inner?: { readonly type: string; readonly message: string };
    };
  }): void;
}

export interface ServiceBusPort {
  /** To a queue or a topic of a namespace. */
  send(
    namespace: string,
    entity: string,
    body: string,
    options?: {
      readonly applicationProperties?: Readonly<Record<string, string>>;
      readonly subject?: string;
      readonly sessionId?: string;
      readonly messageId?: string;
      readonly enqueueAt?: number;
      readonly contentType?: string;
    },
  ): void;
  peek(namespace: string, entity: string): readonly { readonly body: string }[];
  drain(namespace: string, entity: string): readonly { readonly body: string }[];
}

export interface EventHubsPort {
  /** Without a key, to one partition after the other. */
  send(namespace: string, hub: string, partitionKey: string | undefined, body: string): void;
}

export interface CosmosPort {
  upsert(
    account: string,
    database: string,
    container: string,
    document: Readonly<Record<string, unknown>>,
  ): void;
  delete(account: string, database: string, container: string, id: string): void;
}

export interface EventGridPort {
  /** Posts events to a topic by its ARM id, in the schema of CloudEvents 1.0. */
  publish(topicId: string, events: readonly Readonly<Record<string, unknown>>[]): void;
}

/** Counts what is under way, so that the tests can wait until nothing is. */
export interface WorkTracker {
  /** Runs work in the background and keeps count of it. Failures are the work's own to handle. */
  run(work: () => Promise<void>): void;
  readonly active: number;
}

/** Everything, as each part sees it. Ports are looked up when they are used, never at construction. */
export interface World {
  readonly clock: FakeClock;
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** `westeurope` */
  readonly location: string;
  /** `http://127.0.0.1:PORT`: Resource Manager. */
  readonly endpoint: string;
  /** Where each data plane answers: `http://127.0.0.1:PORT`. Of sites, each has a port of its own. */
  readonly planes: Readonly<
    Record<'blob' | 'queue' | 'vault' | 'serviceBus' | 'eventGrid' | 'identity' | 'logs', string>
  >;
  readonly identity: IdentityPort;
  readonly roles: RolesPort;
  readonly operations: OperationsPort;
  readonly storage: StoragePort;
  readonly blobs: BlobPort;
  readonly queues: QueuePort;
  readonly vault: VaultPort;
  readonly runtime: RuntimePort;
  readonly web: WebPort;
  readonly telemetry: TelemetryPort;
  readonly serviceBus: ServiceBusPort;
  readonly eventHubs: EventHubsPort;
  readonly cosmos: CosmosPort;
  readonly eventGrid: EventGridPort;
  readonly work: WorkTracker;
}
