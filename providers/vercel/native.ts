import { nativeToken, type NativeToken } from 'polyfaas/spi';
import type { VercelClients } from './clients/index.ts';

/**
 * The adapter's own ways to Vercel, with this provider's token, team and endpoints.
 *
 * @example
 * ```ts
 * import type { ServerlessManager } from 'polyfaas';
 * import { VERCEL } from 'polyfaas/vercel';
 *
 * export async function domains(manager: ServerlessManager): Promise<unknown> {
 *   const vercel = manager.native(VERCEL.clients);
 *   const signal = AbortSignal.timeout(10_000);
 *   return vercel?.rest({ method: 'GET', path: '/v9/projects/shop-dev-orders/domains', signal });
 * }
 * ```
 */
export const VERCEL: {
  /** Vercel's REST API, and deployments by `@vercel/client`. */
  readonly clients: NativeToken<VercelClients>;
} = {
  clients: nativeToken<VercelClients>('vercel.clients'),
};
