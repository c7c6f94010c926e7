/** The local provider: runs functions on this machine, for development, tests, and programs that need no cloud. */
export { CAPABILITIES } from './capabilities.ts';
export { ManualClock } from './manual-clock.ts';
export { providerModule } from './module.ts';
export { LOCAL, type LocalPlatform } from './native.ts';
export type { LocalFunctionOptions, LocalOptions } from './options.ts';
export { createLocalProvider, type LocalProvider } from './provider.ts';
export type { DeadLetter, EventSources, PublishOptions, SendOptions } from './sources.types.ts';
export type { SecretStore } from './state/secrets.ts';
