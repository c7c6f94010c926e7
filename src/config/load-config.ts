import type { PolyfaasConfig } from '../spec/types.ts';
import type { Warning } from '../spi/plan.ts';

/** Where a configuration is looked for, and what it is read with. */
export interface LoadConfigOptions {
  /** The working folder. Default `process.cwd()`. */
  readonly cwd?: string | undefined;
  /** The file itself, relative to `cwd`. Default: the one configuration file in `cwd`. */
  readonly file?: string | undefined;
  /** Goes over the file's own `stage`; chooses the environment. Default `dev`. */
  readonly stage?: string | undefined;
  /** What `@env` and functions of `{ stage, env }` see. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A configuration that was found, checked, and laid out for its stage. */
export interface LoadedConfig {
  /** Holds no `environments`; `stage` and an absolute `root` are set. Empty when there is no file. */
  readonly config: PolyfaasConfig;
  /** Absolute; undefined when the folder holds no configuration. */
  readonly file: string | undefined;
  /** What could not be taken over as it stands; or, that there is no file. */
  readonly warnings: readonly Warning[];
}

/**
 * Finds, reads and checks the configuration: `polyfaas.config.{ts,mts,js,mjs,json,yaml,yml,tsk}`,
 * `polyfaas.tsk` or `serverless-architecture.tsk` in the working folder, never above it. Only ts, mts, js and
 * mjs run code.
 *
 * @throws ServerlessError NOT_FOUND for a `file` that is not there; INVALID_ARGUMENT for an option of the wrong type,
 *   more than one file, one that cannot be read (with line and column), or a configuration with problems (all of them).
 *
 * @example
 * ```ts
 * import { createServerlessManager, loadConfig } from 'polyfaas';
 *
 * const { config, warnings } = await loadConfig({ stage: 'dev' });
 * for (const { message } of warnings) console.warn(message);
 * await using manager = await createServerlessManager(config);
 * ```
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<LoadedConfig> {
  const { findAndLoad } = await import('./load.ts');
  return findAndLoad(options);
}
