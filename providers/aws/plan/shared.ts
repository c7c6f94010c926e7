/** What is different while two versions share the traffic. */
import type { Binding, DeployRequest } from 'polyfaas/spi';
import type { AwsObserved, VersionNote } from '../model.ts';
import type { AppliedSettings } from './applied.ts';
import { refusal } from './parts.ts';
import type { VersionWish } from './wish.ts';

/** True when the live version keeps a part of the traffic beside the one that is wished. */
export function isShared(wish: VersionWish, { live, isStranger }: AwsObserved): boolean {
  const { canaryWeight } = wish.settings;
  return (
    !isStranger &&
    canaryWeight !== null &&
    canaryWeight < 1 &&
    live?.note != null &&
    live.note.digest !== wish.digest
  );
}

/** What the role may do is more than the version needs while an older one still serves. */
export function runPolicyOf(
  digest: string,
  before: AppliedSettings | null,
  shared: boolean,
): string {
  return shared && before?.runPolicy !== digest ? `${digest}+` : digest;
}

interface Served {
  readonly timeoutSeconds: number;
  readonly hasShim: boolean;
}

/** What the events were made for: the live version, and the one beside it. */
export function served(
  { timeoutSeconds, hasShim, canary }: VersionNote,
  wish: VersionWish,
): Served {
  if (canary === null) return { timeoutSeconds, hasShim };
  // Of another one than this, nothing is known here.
  const isWish = canary.digest === wish.digest;
  return {
    timeoutSeconds: isWish ? Math.max(timeoutSeconds, wish.config.timeoutSeconds) : -1,
    hasShim,
  };
}

export function fits(before: Served, { note }: VersionWish): boolean {
  return before.timeoutSeconds === note.timeoutSeconds && before.hasShim === note.hasShim;
}

/** Both versions get the same events: the older one must be able to take them. */
export function refuseShared(
  { ref }: DeployRequest,
  wish: VersionWish,
  observed: AwsObserved,
  bindings: readonly Binding[],
): void {
  const note = observed.live?.note;
  if (!note || !isShared(wish, observed)) return;
  const field = `functions.${ref.name}.providerOptions.aws.canary`;
  if (note.hasShim !== wish.note.hasShim) {
    throw refusal(
      ref,
      'INVALID_ARGUMENT',
      `${field}: only one of the two versions holds code of polyfaas, so they take their input in different forms. Deploy this one without a canary.`,
    );
  }
  const strange = bindings.find(
    ({ event }) => event.enabled && note.handles.length > 0 && !note.handles.includes(event.type),
  );
  if (!strange) return;
  throw refusal(
    ref,
    'INVALID_ARGUMENT',
    `${field}: the live version keeps a part of the traffic, and has no "${strange.event.type}" handler for event "${strange.id}". Deploy the code first, and the event once it gets all of the traffic.`,
  );
}
