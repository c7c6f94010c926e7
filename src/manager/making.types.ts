/** What a manager is made with, beside its configuration. */
import type { ProviderOptions } from '../spec/types.ts';
import type { Clock, Random } from '../spi/clock.ts';
import type { CoreLog, ServerlessProvider } from '../spi/provider.ts';

/** What a provider is made from. */
export interface ProviderParts {
  readonly app: string;
  readonly stage: string;
  /** As configured for this provider; undefined for its default. */
  readonly region: string | undefined;
  /** Where relative paths begin; absolute. */
  readonly root: string;
  readonly providerOptions: ProviderOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: CoreLog;
}

/** Makes a provider. */
export type ProviderFactory = (
  parts: ProviderParts,
) => ServerlessProvider | Promise<ServerlessProvider>;

/** What a configuration file cannot say. */
export interface ManagerOptions {
  /** A provider of one's own, instead of the one that `config.provider` names. */
  readonly provider?: ProviderFactory | undefined;
  /** The same for each of several targets, by its id. Those that are not here are loaded as usual. */
  readonly providers?: Readonly<Record<string, ProviderFactory>> | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** Default `Math.random`. */
  readonly random?: Random | undefined;
  /** Default: silent. */
  readonly log?: CoreLog | undefined;
  /**
   * OpenTelemetry spans and metrics with the `faas.*` names, through `@opentelemetry/api` only.
   * Default `auto`: from when on the program has registered something there, before or after it makes the manager.
   */
  readonly telemetry?: boolean | 'auto' | undefined;
}
