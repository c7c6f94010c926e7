import type { WebSiteManagementContext } from '@azure/arm-appservice/api';
import { nativeToken, type NativeToken } from 'polyfaas/spi';
import type { AzureClients } from './clients/index.ts';

/**
 * The adapter's own ways to Azure, with this provider's credential, subscription and endpoint.
 *
 * @example
 * ```ts
 * import type { ServerlessManager } from 'polyfaas';
 * import { AZURE } from 'polyfaas/azure';
 *
 * export async function sites(manager: ServerlessManager): Promise<unknown> {
 *   const azure = manager.native(AZURE.clients);
 *   const { body } = (await azure?.arm({
 *     method: 'GET',
 *     path: `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Web/sites`,
 *     apiVersion: '2025-05-01',
 *     signal: AbortSignal.timeout(10_000),
 *   })) ?? { body: undefined };
 *   return body;
 * }
 * ```
 */
export const AZURE: {
  /** Resource Manager, blobs, tokens and plain HTTP. */
  readonly clients: NativeToken<AzureClients>;
  /** The typed context for the functions of `@azure/arm-appservice/api`. */
  readonly web: NativeToken<() => Promise<WebSiteManagementContext>>;
} = {
  clients: nativeToken<AzureClients>('azure.clients'),
  web: nativeToken<() => Promise<WebSiteManagementContext>>('azure.web'),
};
