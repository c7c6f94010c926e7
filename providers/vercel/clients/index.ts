/** How the adapter reaches Vercel. Everything is loaded on first use. */
import type { JsonValue } from 'polyfaas/spi';

/** One call of Vercel's REST API. `teamId` is added. */
export interface RestRequest {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';
  /** From the version on, percent-encoded where needed: `/v9/projects/prj_1`. */
  readonly path: string;
  /** It is a path of the site, vercel.com, which has some of what its dashboard and its command line read. */
  readonly isOnSite?: true;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** Sent as JSON. */
  readonly body?: object;
  /** Sent as it is, instead of `body`: `POST /v2/files`. */
  readonly bytes?: {
    readonly data: Uint8Array;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly signal: AbortSignal;
}

/** What the vendor's client is asked to deploy. */
export interface PrebuiltDeployment {
  /** Absolute: a folder with `.vercel/output` in it. */
  readonly folder: string;
  /** What files have as their mode, by their path from the folder, where the disk may not tell: Windows keeps no permissions. */
  readonly modes?: ReadonlyMap<string, number>;
  /** The JSON body of `POST /v13/deployments`, without `files` and `version`. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

export interface VercelClients {
  /** The team's id or slug; null for a personal account. */
  readonly team: string | null;
  /** The account that is worked in: the team, or the id of the user. Asked once. */
  account(signal: AbortSignal): Promise<string>;
  /**
   * Calls the API over a pooled transport. Resolves to the parsed JSON, `{}` without a body. Rejects with
   * `VercelApiError` for a status of 400 and above. Neither retries nor polls.
   */
  rest(request: RestRequest): Promise<JsonValue>;
  /**
   * Calls it for its body as it comes: runtime logs. The caller ends it by its signal, whose reason is then thrown, or by
   * reading no further.
   */
  lines(request: RestRequest): AsyncIterable<string>;
  /**
   * Uploads what is missing, and creates the deployment, by `@vercel/client`. Resolves as soon as Vercel has taken it;
   * the waiting is the engine's.
   */
  deploy(deployment: PrebuiltDeployment): Promise<{ readonly id: string; readonly host: string }>;
  /** Loads `@vercel/client`: that it is missing is told before anything is made. */
  loadDeployer(): Promise<void>;
  /** `https://HOST`, and `http://HOST` on this machine. */
  originOf(host: string): string;
  /** Vercel Queues: `https://{region}.vercel-queue.com`, without a slash at the end. */
  readonly queueEndpoint: string;
  close(): Promise<void>;
}

export { createClients } from './create.ts';
