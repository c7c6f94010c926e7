/** The Azure provider: Azure Functions, and what calls them. */
export { CAPABILITIES } from './capabilities.ts';
export type { AzureClients } from './clients/index.ts';
export { providerModule } from './module.ts';
export { AZURE } from './native.ts';
export type { AzureFunctionOptions, AzureOptions } from './options.ts';
export { createAzureProvider } from './provider.ts';
