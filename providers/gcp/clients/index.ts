/** How the adapter reaches Google Cloud. Everything is loaded on first use. */
import type { v2 } from '@google-cloud/functions';
import type { JsonValue } from 'polyfaas/spi';

/** The REST APIs that are called. `functions` goes through the vendor's client. */
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

/** One call of a Google API over REST. */
export interface RestRequest {
  readonly api: ApiName;
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';
  /** From the version on, percent-encoded where needed: `/v1/projects/p/topics/t`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** Sent as JSON. */
  readonly body?: object;
  readonly signal: AbortSignal;
}

/** A request that is no Google API's: the upload of a source. */
export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface GcpClients {
  /** Rejects with a ServerlessError INVALID_ARGUMENT when neither options, environment nor credentials name one. */
  projectId(signal: AbortSignal): Promise<string>;
  /** By Cloud Resource Manager; asked once. */
  projectNumber(signal: AbortSignal): Promise<string>;
  readonly location: string;
  /** Base addresses, without a slash at the end: `https://run.googleapis.com`. */
  readonly endpoints: Readonly<Record<ApiName, string>>;
  /** Google's public keys for ID tokens. */
  readonly certificates: string;
  /** The vendor's client for functions, over REST, without retries of its own. */
  functions(): Promise<v2.FunctionServiceClient>;
  /**
   * Calls an API. Resolves to the parsed JSON, `{}` without a body. Rejects with `GoogleApiError` for a status of 400 and
   * above. Neither retries nor polls. Enums are texts.
   */
  rest(request: RestRequest): Promise<JsonValue>;
  /** An access token, cached until shortly before it ends. */
  accessToken(signal: AbortSignal): Promise<string>;
  /**
   * An ID token for the audience, cached until shortly before it ends.
   *
   * @throws ServerlessError UNAUTHENTICATED for credentials that cannot have one, such as a user's own: name a service
   * account in `invokerServiceAccount`, which the credentials may impersonate.
   */
  idToken(audience: string, signal: AbortSignal): Promise<string>;
  /** A pooled transport. Rejects only where there is no answer at all. */
  http(call: HttpCall): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export { createClients } from './create.ts';
