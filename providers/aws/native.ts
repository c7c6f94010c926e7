import type { Lambda } from '@aws-sdk/client-lambda';
import { nativeToken, type NativeToken } from 'polyfaas/spi';
import type { AwsClients } from './clients/index.ts';
import type { AwsCalls } from './invoke/direct.ts';

/**
 * The vendor's own clients, with this provider's credentials, region and endpoint.
 *
 * @example
 * ```ts
 * import type { ServerlessManager } from 'polyfaas';
 * import { AWS } from 'polyfaas/aws';
 *
 * export async function freeConcurrency(manager: ServerlessManager): Promise<number | undefined> {
 *   const lambda = await manager.native(AWS.lambda)?.();
 *   const settings = await lambda?.getAccountSettings({});
 *   return settings?.AccountLimit?.UnreservedConcurrentExecutions;
 * }
 * ```
 */
export const AWS: {
  /** All clients; each is loaded when it is asked for. */
  readonly clients: NativeToken<AwsClients>;
  /** The Lambda client. */
  readonly lambda: NativeToken<() => Promise<Lambda>>;
  /** Dry runs and streamed answers. */
  readonly calls: NativeToken<AwsCalls>;
} = {
  clients: nativeToken<AwsClients>('aws.clients'),
  lambda: nativeToken<() => Promise<Lambda>>('aws.lambda'),
  calls: nativeToken<AwsCalls>('aws.calls'),
};
