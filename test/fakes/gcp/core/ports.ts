/**
 * What the parts of the fake know of each other. Each part lives in a folder of its own and is reached by the others
 * only through its port here; `world.ts` puts them together.
 */

import type { FakeClock } from '../../shared/fake-clock.ts';

export type { FakeClock };

/** Who sent a request, known by its access token, or by its ID token. */
export interface Caller {
  /** `deployer`: may do everything; its calls are counted and may go wrong. `observer`: the tests' own. `account`: a service account, bounded by what it was granted. */
  readonly kind: 'deployer' | 'observer' | 'account';
  /** `deployer@PROJECT.iam.gserviceaccount.com`, ... */
  readonly email: string;
}

/** The APIs with REST planes of their own. The names are those of `providers/gcp/clients/index.ts`. */
export type ApiName =
  | 'functions'
  | 'run'
  | 'pubsub'
  | 'eventarc'
  | 'scheduler'
  | 'storage'
  | 'secretmanager'
  | 'iam'
  | 'iamcredentials'
  | 'cloudresourcemanager'
  | 'logging'
  | 'monitoring'
  | 'firestore';

/** One request of a Google API over REST. */
export interface RestCall {
  readonly api: ApiName;
  readonly method: string;
  /** Without the query, percent-decoded: `/v1/projects/p/topics/t`, `/v1/projects/p/topics/t:publish`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
  readonly rawBody: Buffer;
  readonly caller: Caller;
}

export interface WireReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Buffer | object;
}

/** One API, or one part of one. */
export interface ApiService {
  readonly api: ApiName;
  /** Answers, or throws a `GoogleFault`. Undefined: no such path; the core answers 404 as Google's front does. */
  handle(call: RestCall): Promise<WireReply | undefined>;
  /** A line for every resource that outlives a call: `topic orders`. */
  inventory(): readonly string[];
  stop?(): Promise<void>;
}

/** Access tokens, ID tokens, service accounts. */
export interface IdentityPort {
  /** An access token, as Google would issue it. */
  accessToken(caller: Caller): string;
  callerOfAccessToken(token: string): Caller | undefined;
  /** An ID token (RS256, `iss` https://accounts.google.com, `email`, `email_verified`, `aud`, `iat`, `exp` by the machine's clock). */
  idToken(email: string, audience: string): Promise<string>;
  /** The claims of a valid ID token; undefined when it is forged, ended, or no ID token of ours. */
  claimsOfIdToken(
    token: string,
  ): Promise<{ readonly email: string; readonly aud: string } | undefined>;
  /** `http://127.0.0.1:PORT/oauth2/v3/certs` */
  readonly certificates: string;
  /** Whether such a service account is there, and has been long enough to be known everywhere. */
  accountExists(email: string): boolean;
}

/** IAM policies of resources, by full name: `projects/p/topics/t`. */
export interface PoliciesPort {
  /**
   * Whether a member was granted one of these roles on the resource, or on its project, long enough ago to have spread.
   * Deployers and observers may do everything.
   */
  allows(caller: Caller, resource: string, roles: readonly string[]): boolean;
  /** `getIamPolicy` and `setIamPolicy` with etags: 409 ABORTED for an old one. Unknown members are refused with 400. */
  get(resource: string): {
    readonly version: number;
    readonly etag: string;
    readonly bindings: readonly PolicyBinding[];
  };
  set(resource: string, policy: unknown): ReturnType<PoliciesPort['get']>;
  /** With a resource its policy goes. */
  delete(resource: string): void;
}

export interface PolicyBinding {
  readonly role: string;
  readonly members: readonly string[];
}

/** Throws what a test said that an operation should end with; nothing where it said nothing. */
export type Strike = () => void;

/** Long-running operations (`google.longrunning`), `projects/p/locations/l/operations/ID`. */
export interface OperationsPort {
  /**
   * Begins one that ends so much later on the clock, and runs `end` then; what it throws (a `GoogleFault`) becomes the
   * operation's `error`.
   */
  begin(options: {
    readonly api: ApiName;
    readonly parent: string;
    readonly target: string;
    readonly verb: 'create' | 'update' | 'delete';
    readonly durationMs: number;
    /** With `@type`, as the API has it; may change while it runs. */
    readonly metadata: () => object;
    /** Gives the `response`, with its `@type`. Calls `strike` where what was begun would go wrong. */
    readonly end: (strike: Strike) => object | Promise<object>;
  }): object;
  get(name: string): object | undefined;
}

/** A revision to run. */
export interface InstanceSetup {
  /** The service's short name. */
  readonly service: string;
  /** `projects/p/locations/l/services/NAME` */
  readonly serviceName: string;
  readonly revision: string;
  /** The folder that the build left, with its `node_modules`. */
  readonly folder: string;
  /** All variables, secrets among them resolved by {@link SecretsPort} when the instance starts. */
  readonly env: Readonly<Record<string, string>>;
  readonly secretEnv: Readonly<
    Record<string, { readonly secret: string; readonly version: string }>
  >;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly concurrency: number;
  readonly maxInstances: number;
  readonly minInstances: number;
  readonly serviceAccount: string;
  readonly entryPoint: string;
}

/** A request at the front of a service, after the front let it through. */
export interface ServiceRequest {
  readonly method: string;
  /** Path with query, as it was sent. */
  readonly url: string;
  /** Name, value, name, value ... as they were sent. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** Aborted when the client goes away before it has its answer. */
  readonly signal?: AbortSignal | undefined;
}

export interface ServiceReply {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** Ended by the platform's timeout, or by the end of its instance. */
  readonly fate: 'answered' | 'timeout' | 'crashed' | 'no-instance';
}

/** Runs revisions: real processes of the functions framework. */
export interface RuntimePort {
  /** Unpacks and checks a source as the build does. Throws a `GoogleFault` with the build's error. */
  build(zip: Buffer, entryPoint: string): Promise<{ readonly folder: string }>;
  start(setup: InstanceSetup): Fleet;
}

/** The instances of one revision. */
export interface Fleet {
  /** Starts one instance and sees that it listens, as a new revision must. Throws a `GoogleFault` when it does not. */
  probe(): Promise<void>;
  send(request: ServiceRequest): Promise<ServiceReply>;
  /** Instances that are kept ready. */
  setMinInstances(count: number): void;
  stop(): Promise<void>;
}

/** Cloud Run. */
export interface RunPort {
  /** Made by Cloud Functions. Resolves when the first revision is ready; throws a `GoogleFault` when it is not. */
  deploy(wish: {
    readonly serviceName: string;
    readonly setup: Omit<InstanceSetup, 'service' | 'serviceName' | 'revision' | 'minInstances'>;
    readonly ingress: string;
    readonly minInstances: number;
    readonly labels: Readonly<Record<string, string>>;
    /** True: the new revision gets all traffic; false: the traffic stays as it is set. */
    readonly allTrafficOnLatest: boolean;
  }): Promise<{ readonly revision: string; readonly url: string }>;
  delete(serviceName: string): Promise<void>;
  urlOf(serviceName: string): string | undefined;
  /** True when the latest revision has all traffic. */
  isOnLatest(serviceName: string): boolean;
  /** Delivers a request of one of Google's services to a URL of a Cloud Run service here, through its front. Undefined: no such service. */
  deliver(
    url: string,
    request: {
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer;
    },
  ): Promise<ServiceReply | undefined>;
}

/** Secret Manager. */
export interface SecretsPort {
  set(name: string, value: string): void;
  /** `version` may be `latest`. The value, or why not. */
  access(
    secret: string,
    version: string,
    caller: Caller,
  ):
    | { readonly value: Buffer }
    | { readonly fault: 'NOT_FOUND' | 'PERMISSION_DENIED' | 'FAILED_PRECONDITION' };
}

/** A message as Pub/Sub takes it. */
export interface PublishedMessage {
  readonly data: Buffer;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly orderingKey?: string;
}

export interface PubSubPort {
  /** By one of Google's services, or a test. Throws a `GoogleFault` when there is no such topic. */
  publish(topic: string, messages: readonly PublishedMessage[]): readonly string[];
  topicExists(topic: string): boolean;
  /** For Eventarc, which makes topics and subscriptions of its own. */
  createTopic(topic: string): void;
  createPushSubscription(options: {
    readonly name: string;
    readonly topic: string;
    readonly endpoint: string;
    readonly serviceAccount: string;
    readonly audience: string;
    /** Turns a message into the request that is pushed. Default: Pub/Sub's own form. */
    readonly form?: (message: PublishedMessage & { readonly messageId: string }) => {
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer;
    };
  }): void;
  deleteTopic(topic: string): void;
  deleteSubscription(subscription: string): void;
  /** What a subscription without a push endpoint holds. */
  peek(subscription: string): readonly PublishedMessage[];
  drain(subscription: string): readonly PublishedMessage[];
  subscriptionsOf(topic: string): readonly string[];
}

export interface StorageFakePort {
  bucketExists(bucket: string): boolean;
  /** `EU`, `EUROPE-WEST1`, ... */
  locationOf(bucket: string): string | undefined;
  put(bucket: string, name: string, body: Buffer, contentType?: string): void;
  get(bucket: string, name: string, generation?: string): Buffer | undefined;
  delete(bucket: string, name: string): void;
  /** Of Cloud Functions: a bucket that nobody sees, with an object that an upload URL fills. */
  uploadUrl(): {
    readonly uploadUrl: string;
    readonly bucket: string;
    readonly object: string;
    readonly generation: string;
  };
  uploaded(bucket: string, object: string, generation?: string): Buffer | undefined;
}

/** Firestore documents, for the tests and for Eventarc. */
export interface FirestorePort {
  /** By id: `(default)` is there. */
  readonly databases: ReadonlyMap<
    string,
    { readonly locationId: string; readonly type: 'FIRESTORE_NATIVE' | 'DATASTORE_MODE' }
  >;
  set(database: string, path: string, fields: Readonly<Record<string, unknown>>): void;
  delete(database: string, path: string): void;
  onChange(
    listener: (change: {
      readonly database: string;
      /** `users/7` */
      readonly path: string;
      readonly before: Readonly<Record<string, unknown>> | undefined;
      readonly after: Readonly<Record<string, unknown>> | undefined;
      readonly timeMs: number;
      readonly createdMs: number;
    }) => void,
  ): void;
}

/** The end of a log's name, behind `run.googleapis.com/`. */
export type LogStream = 'stdout' | 'stderr' | 'varlog/system';

/** What Cloud Logging and Cloud Monitoring are told of what runs. */
export interface TelemetryPort {
  /**
   * A line of the standard output or error of an instance, or what Cloud Run itself says of the instance (`varlog/system`).
   * One that is a JSON object becomes `jsonPayload`.
   */
  line(entry: {
    readonly service: string;
    readonly revision: string;
    readonly instanceId: string;
    readonly timeMs: number;
    readonly stream: LogStream;
    readonly text: string;
  }): void;
  /**
   * A request that Cloud Run answered, for the log of requests, and for `request_count` and `request_latencies`: these
   * leave out what reached no instance.
   */
  request(entry: {
    readonly service: string;
    readonly revision: string;
    readonly instanceId: string | undefined;
    readonly timeMs: number;
    readonly status: number;
    readonly latencyMs: number;
    readonly traceId: string;
    readonly method: string;
    readonly url: string;
    /** What Cloud Run says of an answer of its own. */
    readonly said: string | undefined;
  }): void;
  /** An instance that started, for `container/startup_latencies`. */
  startup(entry: {
    readonly service: string;
    readonly revision: string;
    readonly timeMs: number;
    readonly latencyMs: number;
  }): void;
  /** What an instance uses, for `container/memory/utilizations`: 0 to 1. */
  memory(entry: {
    readonly service: string;
    readonly revision: string;
    readonly timeMs: number;
    readonly utilization: number;
  }): void;
}

/** Counts what is under way, so that the tests can wait until nothing is. */
export interface WorkTracker {
  /** Runs work in the background and keeps count of it. Failures are the work's own to handle. */
  run(work: () => Promise<void>): void;
  readonly active: number;
}

/** Opens a port for requests that are no API's: services of Cloud Run, uploads, metadata. */
export interface PlaneHost {
  /** Resolves to `http://127.0.0.1:PORT`. */
  open(plane: {
    readonly name: string;
    handle(request: ServiceRequest): Promise<{
      readonly status: number;
      readonly headers: readonly string[];
      readonly body: Buffer;
    }>;
    /** True for a request of the deployer's, which is counted and may go wrong. */
    isDeployers?(request: ServiceRequest): boolean;
    isWrite?(request: ServiceRequest): boolean;
  }): Promise<string>;
  close(name: string): Promise<void>;
}

/** Everything, as each part sees it. Ports are looked up when they are used, never at construction. */
export interface World {
  readonly clock: FakeClock;
  readonly projectId: string;
  readonly projectNumber: string;
  /** `europe-west1` */
  readonly location: string;
  /** Where each API answers: `http://127.0.0.1:PORT`. */
  readonly endpoints: Readonly<Record<ApiName, string>>;
  /** APIs that are switched off: calls answer 403 with `reason: SERVICE_DISABLED`. `run.googleapis.com` */
  readonly disabledApis: Set<string>;
  /** What is used up: `functions.googleapis.com/function_count`; calls answer 429 RESOURCE_EXHAUSTED. */
  readonly exhausted: Set<string>;
  readonly identity: IdentityPort;
  readonly policies: PoliciesPort;
  readonly operations: OperationsPort;
  readonly runtime: RuntimePort;
  readonly run: RunPort;
  readonly secrets: SecretsPort;
  readonly pubsub: PubSubPort;
  readonly storage: StorageFakePort;
  readonly firestore: FirestorePort;
  readonly telemetry: TelemetryPort;
  readonly planes: PlaneHost;
  readonly work: WorkTracker;
}
