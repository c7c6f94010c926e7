/** What the methods of a manager come to. */
import type { ServerlessError } from '../errors/serverless-error.ts';
import type { PackageReport } from '../package/report.ts';
import type { Binding } from '../spi/bindings.ts';
import type { FunctionRef, Phase, Warning } from '../spi/plan.ts';

/** What a function's package holds, as data and as a table for a terminal. */
export interface FunctionPackageReport extends PackageReport {
  readonly text: string;
  /**
   * A stack from where the function runs, or whole lines of its log, with the files and lines of the sources in place of
   * those of the bundle. The code has to be as it was deployed; source maps are sent to no platform, so this is done where
   * the sources are. What is not of the bundle stays as it is; all does for a zip that came ready, or an image.
   *
   * @example
   * ```ts
   * import { type ServerlessManager, ServerlessError } from 'polyfaas';
   *
   * export async function explain(manager: ServerlessManager, error: unknown): Promise<string> {
   *   const { cause } = ServerlessError.isInstance(error) ? error : {};
   *   const { inSources } = await manager.packageReport('orders', { loads: 0 });
   *   return cause instanceof Error ? inSources(cause.stack ?? cause.message) : String(error);
   * }
   * ```
   */
  readonly inSources: (stack: string) => string;
}

/** One step of a plan that was run. */
export interface JournalEntry {
  readonly step: string;
  readonly title: string;
  readonly phase: Phase;
  readonly status: 'done' | 'failed' | 'cancelled';
  readonly durationMs: number;
  /** How often the platform was asked whether it is done. */
  readonly polls: number;
}

/** What a deploy or a rollback came to. */
export interface Deployment {
  readonly function: FunctionRef;
  readonly provider: string;
  /** The version that is live now. */
  readonly version: string;
  /** False when everything was as wished already, and nothing was written. */
  readonly changed: boolean;
  /** The origin of its HTTP routes; null without any. */
  readonly url: string | null;
  readonly bindings: readonly Binding[];
  /** What is not quite as declared, what the plan foresaw, and what its steps met. */
  readonly warnings: readonly Warning[];
  /** The live version's digest. */
  readonly digest: string;
  readonly journal: readonly JournalEntry[];
}

export type DeployOutcome<Names extends string = string> =
  | {
      readonly name: Names;
      readonly status: 'deployed' | 'unchanged';
      readonly deployment: Deployment;
    }
  | {
      readonly name: Names;
      readonly status: 'failed' | 'cancelled';
      readonly error: ServerlessError;
    };

export interface EventResult {
  readonly bindingId: string;
  /** For http: where the route is. */
  readonly url: string | null;
  /** False when the binding was there already, just so. */
  readonly changed: boolean;
  /** What is not quite as wished, what the plan foresaw, and what its steps met. */
  readonly warnings: readonly Warning[];
}

/** What taking away a function, or one of its events, came to. */
export interface Removal {
  /** False when there was nothing to take away. */
  readonly removed: boolean;
  /** What else is to be known: what is kept all the same, or deployed again for it, and why. */
  readonly warnings: readonly Warning[];
}

/** What deleting old versions came to. */
export interface Pruning {
  readonly removedVersions: readonly string[];
  readonly warnings: readonly Warning[];
}

export interface PreWarmResult {
  readonly requested: number;
  readonly distinctInstances: number;
  /** True when the platform keeps them; false when they are only likely to be there. */
  readonly guaranteed: boolean;
  readonly warnings: readonly Warning[];
}
