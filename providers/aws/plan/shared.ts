/** What is different while two versions share the traffic. */
import { sameJson, type Binding, type DeployRequest, type Warning } from 'polyfaas/spi';
import type { AwsObserved, VersionNote } from '../model.ts';
import { settingBefore, type AppliedSettings } from './applied.ts';
import { refusal } from './parts.ts';
import { servingOf } from './served.ts';
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

/**
 * The settings that can be applied now. An alias with weights takes no other provisioned concurrency (Lambda API
 * reference, `PutProvisionedConcurrencyConfig`), so that stays as it is, known or not, until one version has all traffic.
 */
export function applicable(
  wish: AppliedSettings,
  before: AppliedSettings | null,
  shared: boolean,
): AppliedSettings {
  if (!shared) return wish;
  const known = settingBefore(before, 'provisioned');
  return {
    ...wish,
    provisioned: known ?? null,
    ...(known === undefined ? { unsettled: ['provisioned'] } : {}),
  };
}

/** Tells that instances wait for the end of the canary. */
export function capacityWarnings(
  name: string,
  wish: AppliedSettings,
  now: AppliedSettings,
): readonly Warning[] {
  if (sameJson(wish.provisioned, now.provisioned)) return [];
  return [
    {
      type: 'other',
      field: `functions.${name}.minInstances`,
      message: `Lambda changes no standing instances while two versions share the traffic: ${now.provisioned?.min ?? 0} stay, and ${wish.provisioned?.min ?? 0} are applied by the deploy that gives the new version all of the traffic.`,
    },
  ];
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
  const serving = servingOf(observed.live);
  if (serving !== observed.live?.version) {
    throw refusal(
      ref,
      'CONFLICT',
      `${field}: Lambda has not given version ${observed.live?.version} its traffic yet: version ${serving} has all of it until instances of the new one stand ready, so there is none to share. Deploy again when they do, or without a canary.`,
    );
  }
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
