/** The Vercel provider: Vercel Functions, and what calls them. */
export { CAPABILITIES } from './capabilities.ts';
export type { VercelClients } from './clients/index.ts';
export { providerModule } from './module.ts';
export { VERCEL } from './native.ts';
export type { VercelFunctionOptions, VercelOptions } from './options.ts';
export { createVercelProvider } from './provider.ts';
