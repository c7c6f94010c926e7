/**
 * What the parts of the fake know of each other. Each part lives in a folder of its own and is reached by the others
 * only through its port here; `world.ts` puts them together.
 */

import type { FakeClock } from '../../shared/fake-clock.ts';

export type { FakeClock };

/** Who sent an API request, known by its token. Only the deployer's calls are counted, and may go wrong. */
export type CallerKind = 'deployer' | 'observer';

/** One request of Vercel's REST API. */
export interface RestCall {
  readonly method: string;
  /** Without the query, percent-decoded: `/v9/projects/prj_1`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined without a body, or for one that is no JSON. */
  readonly body: unknown;
  readonly rawBody: Buffer;
  readonly caller: CallerKind;
  /** Aborted when the client goes away before it has its whole answer. */
  readonly signal?: AbortSignal | undefined;
}

export interface WireReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Buffer | object;
  /**
   * An answer that stays open, instead of `body`: the head is sent at once, then each piece as it comes, until the
   * iterable ends or the client goes away (the server then calls its iterator's `return()`).
   */
  readonly stream?: AsyncIterable<string>;
}

/** One part of the API. */
export interface ApiService {
  /** Answers, or throws a `VercelFault`. Undefined: no such path; the core answers 404 as Vercel does. */
  handle(call: RestCall): Promise<WireReply | undefined>;
  /** A line for every resource that outlives a call: `project shop-dev-orders`. */
  inventory(): readonly string[];
}

/** A function of a deployment: one `.func` folder, materialised on disk. */
export interface DeployedFunction {
  /** Below `functions`, without `.func`: `polyfaas/main`. */
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  readonly handler: string;
  readonly runtime: string;
  readonly memoryMb: number;
  readonly maxDurationSeconds: number;
  readonly maxConcurrency: number;
  readonly regions: readonly string[];
  readonly triggers: readonly QueueTrigger[];
  /** Of `.vc-config.json`. */
  readonly environment: Readonly<Record<string, string>>;
}

/** `experimentalTriggers` of type `queue/v2beta`. */
export interface QueueTrigger {
  readonly topic: string;
  readonly consumer: string;
  readonly maxDeliveries: number | null;
  readonly retryAfterSeconds: number;
  readonly initialDelaySeconds: number;
  readonly maxConcurrency: number | null;
}

/** A deployment that is ready to be run. */
export interface ReadyDeployment {
  readonly id: string;
  readonly projectId: string;
  readonly projectName: string;
  readonly target: 'production' | 'preview';
  /** `config.json`, as it was checked. */
  readonly routes: readonly Readonly<Record<string, unknown>>[];
  readonly crons: readonly { readonly path: string; readonly schedule: string }[];
  readonly functions: readonly DeployedFunction[];
  /** The project's variables for its target, as they were when it was created. */
  readonly variables: Readonly<Record<string, string>>;
  /** Its own host, and the project's production one: `VERCEL_URL`, `VERCEL_PROJECT_PRODUCTION_URL`. */
  readonly host?: string;
  readonly productionHost?: string;
}

/** Projects, their variables, deployments, promotion. */
export interface ProjectsPort {
  /** The deployment that a host leads to: of the deployment itself, or of a production alias. */
  deploymentOfHost(
    host: string,
  ): { readonly deployment: ReadyDeployment; readonly isProductionAlias: boolean } | undefined;
  /** Deployments of this host were there, and are deleted. Without it: there are none such. */
  isDeletedHost?(host: string): boolean;
  /** The deployment that is in production; undefined without one. */
  productionOf(projectId: string): ReadyDeployment | undefined;
  /** All projects that have a production deployment. */
  producing(): readonly ReadyDeployment[];
  deploymentById(id: string): ReadyDeployment | undefined;
  /** Secrets that let automation through. */
  bypassSecretsOf(projectId: string): readonly string[];
  /** Which deployments are behind Vercel's authentication. */
  protectionOf(projectId: string): 'none' | 'all_but_production' | 'all';
  /** What the edge answers in place of its deployments. */
  gateOf(projectId: string): 'open' | 'paused' | 'disabled' | 'firewall';
  projectIdOf(nameOrId: string): string | undefined;
  /** Makes a shared variable of the team, as a person does in the dashboard. */
  setSharedVariable(key: string, value: string): void;
  /** Called when a deployment becomes a project's production one. */
  onPromoted(listener: (deployment: ReadyDeployment) => void): void;
  /** Called when a deployment is gone. */
  onDeleted(listener: (deploymentId: string) => void): void;
  onProjectDeleted(listener: (projectId: string) => void): void;
}

/** A request at the front of a deployment, after routing. */
export interface FunctionRequest {
  readonly method: string;
  /** Path with query, as it was sent. */
  readonly url: string;
  /** Name, value, name, value ... as they were sent. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** Aborted when the client goes away before it has its answer. */
  readonly signal?: AbortSignal | undefined;
}

export interface FunctionReply {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** Vercel's edge: addresses of deployments and aliases, protection, routing, errors; and the processes behind it. */
export interface EdgePort {
  /**
   * Opens an address, and resolves to its host: `127.0.0.1:PORT`. Requests to it are routed by `deploymentOfHost`.
   *
   * @param name what was opened by this name before has the same address again.
   */
  openHost(name?: string): Promise<string>;
  closeHost(host: string): Promise<void>;
  /**
   * Sends a request to a function of a deployment past the public front: deliveries of queues.
   * Adds what Vercel adds (`x-vercel-id`, `x-vercel-oidc-token`, `x-matched-path`, ...).
   */
  deliver(
    deployment: ReadyDeployment,
    functionName: string,
    request: FunctionRequest,
  ): Promise<FunctionReply>;
  /** Calls a path of a deployment through its routes, without protection: crons. */
  call(deployment: ReadyDeployment, request: FunctionRequest): Promise<FunctionReply>;
  /** The project and deployment that an OIDC token of a function was issued for; undefined for a forged one. */
  ownerOfToken(
    token: string,
  ): { readonly projectId: string; readonly deploymentId: string } | undefined;
  busy(): boolean;
}

/** Vercel Queues. Topics belong to a project. */
export interface QueuesPort {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** By a test, as a producer with the project's rights would. Custom headers travel with the message; `vqs-` ones tell how. */
  send(
    projectId: string,
    topic: string,
    payload: Buffer,
    options?: {
      readonly contentType?: string;
      readonly headers?: Readonly<Record<string, string>>;
    },
  ): string;
  /** What is kept in a topic and not expired, oldest first. */
  peek(
    projectId: string,
    topic: string,
  ): readonly { readonly messageId: string; readonly payload: Buffer }[];
  busy(): boolean;
}

/** A request of a function, as logs know it. */
export interface LoggedRequest {
  /** The last part of its `x-vercel-id`. */
  readonly id: string;
  /** When it came. */
  readonly timeMs: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

/** What Vercel's metrics and runtime logs are told. */
export interface TelemetryPort {
  /** A line of the standard output or error of a function. */
  line(entry: {
    readonly projectId: string;
    readonly deploymentId: string;
    readonly timeMs: number;
    readonly stream: 'stdout' | 'stderr';
    readonly text: string;
    readonly requestPath: string;
    readonly requestMethod: string;
    /** The one under way, or the one that the instance was started for; undefined where there is none. */
    readonly request?: LoggedRequest | undefined;
  }): void;
  /** A call of a function that ended. */
  invocation(entry: {
    readonly projectId: string;
    readonly deploymentId: string;
    readonly timeMs: number;
    readonly status: number;
    readonly durationMs: number;
    readonly startType: 'cold' | 'hot' | 'prewarmed';
    readonly peakMemoryMb: number;
    readonly provisionedMemoryMb: number;
    readonly route: string;
    /** `x-vercel-error`, when the platform answered. */
    readonly errorCode: string | null;
    readonly request?: LoggedRequest | undefined;
  }): void;
}

/** Counts what is under way, so that the tests can wait until nothing is. */
export interface WorkTracker {
  /** Runs work in the background and keeps count of it. Failures are the work's own to handle. */
  run(work: () => Promise<void>): void;
  readonly active: number;
}

/** Opens a port for requests that are no API's. */
export interface PlaneHost {
  /** Resolves to `http://127.0.0.1:PORT`. */
  open(plane: {
    readonly name: string;
    handle(request: FunctionRequest): Promise<FunctionReply>;
    /** True for a request of the deployer's, which is counted and may go wrong: signed direct calls. */
    isDeployers?(request: FunctionRequest): boolean;
    isWrite?(request: FunctionRequest): boolean;
  }): Promise<string>;
  close(name: string): Promise<void>;
}

/** What an account can do: its plan. Tests change it. */
export interface Plan {
  /** False: `POST /metrics/v1` answers 402. */
  observability: boolean;
  /** `hobby`: crons once a day, rollback to the previous deployment only, 300 s. */
  tier: 'hobby' | 'pro';
}

/** Everything, as each part sees it. Ports are looked up when they are used, never at construction. */
export interface World {
  readonly clock: FakeClock;
  /** `team_...` */
  readonly teamId: string;
  /** `http://127.0.0.1:PORT` of the REST API. */
  readonly api: string;
  /** Access tokens. */
  readonly tokens: { readonly deployer: string; readonly observer: string };
  readonly plan: Plan;
  /** Deployments whose digest of `meta` is here end in state ERROR with this message. */
  readonly failingBuilds: Map<string, string>;
  readonly projects: ProjectsPort;
  readonly edge: EdgePort;
  readonly queues: QueuesPort;
  readonly telemetry: TelemetryPort;
  readonly planes: PlaneHost;
  readonly work: WorkTracker;
}
