/** Finding and reading configuration. Light: files are read, and the schema loaded, when `loadConfig` is called. */
export { env } from './env.ts';
export { loadConfig, type LoadConfigOptions, type LoadedConfig } from './load-config.ts';
export { applyEnvironment } from './overlay.ts';
export type { ConfigContext } from './read-code.ts';
export { secret } from '../spec/index.ts';
