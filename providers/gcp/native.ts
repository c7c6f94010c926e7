import type { v2 } from '@google-cloud/functions';
import { nativeToken, type NativeToken } from 'polyfaas/spi';
import type { GcpClients } from './clients/index.ts';

/**
 * The adapter's own ways to Google Cloud, with this provider's credentials, project and endpoints.
 *
 * @example
 * ```ts
 * import type { ServerlessManager } from 'polyfaas';
 * import { GCP } from 'polyfaas/gcp';
 *
 * export async function topics(manager: ServerlessManager): Promise<unknown> {
 *   const gcp = manager.native(GCP.clients);
 *   const signal = AbortSignal.timeout(10_000);
 *   return gcp?.rest({
 *     api: 'pubsub',
 *     method: 'GET',
 *     path: `/v1/projects/${await gcp.projectId(signal)}/topics`,
 *     signal,
 *   });
 * }
 * ```
 */
export const GCP: {
  /** Google's REST APIs, tokens and plain HTTP. */
  readonly clients: NativeToken<GcpClients>;
  /** The client of `@google-cloud/functions`, over REST and without retries. */
  readonly functions: NativeToken<() => Promise<v2.FunctionServiceClient>>;
} = {
  clients: nativeToken<GcpClients>('gcp.clients'),
  functions: nativeToken<() => Promise<v2.FunctionServiceClient>>('gcp.functions'),
};
