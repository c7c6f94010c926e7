import type { ProviderParts, ServerlessProvider } from 'polyfaas/spi';
import { directEffects, type Effects } from './effects.ts';
import type { LocalObserved } from './observed.ts';

/** The local provider, opened. */
export interface LocalProvider extends ServerlessProvider<LocalObserved> {
  /** Ends as a killed process would: nothing is finished. For tests of recovery. */
  abandon(): Promise<void>;
}

/**
 * Opens the state folder and starts what runs behind the provider.
 *
 * @throws ServerlessError CONFLICT when another process has the state folder; UNAVAILABLE when it is damaged.
 */
export async function createLocalProvider(
  parts: ProviderParts,
  effects: Effects = directEffects,
): Promise<LocalProvider> {
  // A program may import the token of the provider, or its clock, and never open one.
  const { openLocalProvider } = await import('./open-provider.ts');
  return openLocalProvider(parts, effects);
}
