import { nativeToken, type NativeToken } from 'polyfaas/spi';
import type { EventSources } from './sources.types.ts';
import type { SecretStore } from './state/secrets.ts';

/** The local platform itself, for programs and tests: what a cloud's console and SDK would be. */
export interface LocalPlatform {
  /** Sends to queues, topics, buckets, streams, tables and buses; reads dead letters. */
  readonly sources: EventSources;
  readonly secrets: SecretStore;
  /** Fires a schedule of a function of this app and stage now, beside its own times. */
  fireSchedule(functionName: string, bindingId: string): Promise<void>;
  /** Resolves when nothing is due or being delivered; what a function at its limit is to get is waited for, in real time. */
  settle(): Promise<void>;
  /** The origin of a function's routes. */
  url(functionName: string): string | undefined;
}

/**
 * Gives the local platform: `manager.native(LOCAL)`.
 *
 * @example
 * ```ts
 * import { createServerlessManager } from 'polyfaas';
 * import { LOCAL } from 'polyfaas/local';
 *
 * await using manager = await createServerlessManager({ app: 'shop', provider: 'local' });
 * const local = manager.native(LOCAL);
 * await local?.sources.queue('orders').send({ id: 7 });
 * ```
 */
export const LOCAL: NativeToken<LocalPlatform> = nativeToken<LocalPlatform>('local');
