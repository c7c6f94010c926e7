/** What publishing a package takes, and what comes of one turn of it. */
import { ServerlessError, type CallContext, type JsonObject, type JsonValue } from 'polyfaas/spi';
import type { AzureClients } from '../../clients/index.ts';
import type { Look, SiteAddress } from '../../invoke/known-functions.ts';
import type { PlanKind } from '../../model.ts';
import type { KnownTarget } from '../../step-input.ts';
import { refusal } from '../refusals.ts';

/** Done, or what to keep until the next turn. */
export type Publishing =
  | { readonly done: true }
  | { readonly done: false; readonly pollAfterMs: number; readonly resume: JsonObject };

/** Asks whether a version answers; see `Invoker.look`. */
export type LookAt = (site: SiteAddress, version: string, call: CallContext) => Promise<Look>;

export interface Publication {
  readonly plan: PlanKind;
  readonly target: KnownTarget;
  readonly packageDigest: string;
  /** Of the package; empty where that is not known. */
  readonly version: string;
  readonly lookAt: LookAt;
  /**
   * Looks once more whether to go on, right before anything changes. Answers the function app.
   *
   * @throws ServerlessError CONFLICT
   */
  readonly mayGoOn: () => Promise<JsonValue>;
}

/** One way to publish. What it keeps is its own. */
export type Publisher = (
  azure: AzureClients,
  publication: Publication,
  call: CallContext,
) => Promise<Publishing>;

/** Azure did not take the package: what was served before still is. */
export function notPublished({ ref }: Pick<KnownTarget, 'ref'>, said: string): ServerlessError {
  return refusal(
    { ref },
    'UNAVAILABLE',
    `Azure could not publish the package of "${ref.name}": ${said || 'no reason given.'}`,
    { details: { phase: 'publish' } },
  );
}

export function isNotPublished(error: unknown): boolean {
  return ServerlessError.isInstance(error) && error.details?.['phase'] === 'publish';
}
