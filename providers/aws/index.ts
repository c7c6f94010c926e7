/** The AWS provider: Lambda, and what calls it. */
export { CAPABILITIES } from './capabilities.ts';
export type { AwsClients } from './clients/index.ts';
export type { AwsCallOptions, AwsCalls } from './invoke/direct.ts';
export { providerModule } from './module.ts';
export { AWS } from './native.ts';
export type { AwsCapacitySchedule, AwsFunctionOptions, AwsOptions } from './options.ts';
export { createAwsProvider } from './provider.ts';
