/** How the adapter reaches Azure. Everything is loaded on first use. */
import type { BlobServiceClient } from '@azure/storage-blob';
import type { WebSiteManagementContext } from '@azure/arm-appservice/api';
import type { JsonValue } from 'polyfaas/spi';

/** One call of Azure Resource Manager. */
export interface ArmRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';
  /** `/subscriptions/...`, or an absolute URL of Resource Manager that it gave itself (an operation's). */
  readonly path: string;
  /** Absent where the path carries its own query. */
  readonly apiVersion?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface ArmReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined without a body. */
  readonly body: JsonValue | undefined;
}

/** A request over HTTP to something that is no part of Resource Manager: the app's host, its SCM site, a data plane. */
export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The scopes that tokens are asked for (Microsoft Entra ID). */
export type TokenAudience =
  | 'management'
  | 'storage'
  | 'vault'
  | 'serviceBus'
  | 'eventGrid'
  | 'logs';

export interface AzureClients {
  readonly subscriptionId: string;
  readonly location: string;
  /** Where Log Analytics answers queries: `https://api.loganalytics.io`, without a slash at the end. */
  readonly logsEndpoint: string;
  /**
   * Calls Resource Manager by the raw path of `@azure/arm-appservice`. Rejects with `AzureError` for a status of 400 and
   * above. Neither retries nor polls.
   */
  arm(request: ArmRequest): Promise<ArmReply>;
  /** The typed context of `@azure/arm-appservice/api`, for the functions of its subpaths. */
  web(): Promise<WebSiteManagementContext>;
  /** @param endpoint as the storage account tells it: `https://x.blob.core.windows.net/`. */
  blobs(endpoint: string): Promise<BlobServiceClient>;
  /** Loads the package of `blobs`: one that is missing is told before anything is made. */
  loadBlobs(): Promise<void>;
  /** A bearer token, cached until shortly before it ends. */
  token(audience: TokenAudience, signal: AbortSignal): Promise<string>;
  /** A pooled transport. Rejects only where there is no answer at all, with what the socket said; a status never rejects. */
  http(call: HttpCall): Promise<HttpAnswer>;
  /** `https:`, or `http:` with an endpoint on this machine. */
  readonly scheme: 'https:' | 'http:';
  close(): void;
}
export { createClients } from './create.ts';
