/** The Google Cloud provider: Cloud Run functions, and what calls them. */
export { CAPABILITIES } from './capabilities.ts';
export type { GcpClients } from './clients/index.ts';
export { providerModule } from './module.ts';
export { GCP } from './native.ts';
export type { GcpFunctionOptions, GcpOptions } from './options.ts';
export { createGcpProvider } from './provider.ts';
