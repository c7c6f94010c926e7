/** The steps for settings that belong to no version: only those that differ. */
import { sameJson, type Binding, type Change, type Step } from 'polyfaas/spi';
import type { Destination } from '../execute/destinations.ts';
import type { AsyncConfig, AwsObserved, Target } from '../model.ts';
import {
  DEFAULT_ASYNC,
  effectiveAsync,
  settingBefore,
  type AppliedSettings,
  type UnsettledSetting,
} from './applied.ts';
import { step } from './parts.ts';
import { servingOf } from './served.ts';

const CAPACITY_SECONDS = 900;

export interface SettingsPlan {
  /** Steps of phase `prepare` that write nothing. They belong before any other step. */
  readonly checks: readonly Step[];
  /** Steps of phase `prepare`: what must be there before a version runs, and needs no mark in the record. */
  readonly prepare: readonly Step[];
  readonly steps: readonly Step[];
  readonly changes: readonly Change[];
}

export function settingsSteps(
  target: Target,
  wish: AppliedSettings,
  observed: AwsObserved,
  parts: {
    /** Null: not known, so all of them are set. */
    readonly before: AppliedSettings | null;
    readonly isNew: boolean;
    /** A namesake is taken over. Default false. */
    readonly claims?: boolean;
    /** What hung on the alias may be gone with it. Default false. */
    readonly isAliasLost?: boolean;
    /** Two versions share the traffic: Lambda then takes no other capacity. Default false. */
    readonly isShared?: boolean;
    /** The roles that were made get another boundary. Default false. */
    readonly setsBoundary?: boolean;
    readonly bindings: readonly Binding[];
    /** ARNs of what this very plan makes. Default: nothing. */
    readonly makes?: ReadonlySet<string>;
    readonly boundaryArn: string | null;
  },
): SettingsPlan {
  const { before, isNew, isAliasLost = false, bindings } = parts;
  const { actual, live } = observed;
  const steps: Step[] = [];
  const changes: Change[] = [];
  const change = (subject: string): void => void changes.push({ action: 'update', subject });

  const asyncBefore = settingBefore(before, 'async');
  const async = asyncStep(target, observed, {
    own: wish.async,
    before: asyncBefore ? effectiveAsync(asyncBefore, observed.record.bindings) : null,
    isNew,
    isAliasLost,
    bindings,
  });
  if (async) {
    steps.push(async);
    if (!isNew) change('async');
  }

  const reserved = observed.latest?.reserved ?? null;
  if (wish.reserved !== reserved) {
    steps.push(reservedStep(target, wish.reserved));
    if (!isNew) change('maxInstances');
  }
  const provisionedBefore = isNew ? null : settingBefore(before, 'provisioned');
  const hasDrifted =
    actual !== null && !isNew && !isProvisioned(wish.provisioned, actual.provisioned);
  if (
    !parts.isShared &&
    (!sameJson(provisionedBefore ?? null, wish.provisioned) ||
      provisionedBefore === undefined ||
      hasDrifted ||
      // Lambda still moves the traffic, or has given up on it: then only asking again helps.
      (wish.provisioned !== null && servingOf(live) !== (live?.version ?? null)) ||
      (isAliasLost && wish.provisioned !== null))
  ) {
    const capacity = capacityStep(target, wish, provisionedBefore, hasDrifted);
    // What is set aside must be there before it is filled, and be emptied before it goes.
    if (isSmaller(wish.reserved, reserved) && steps.at(-1)?.id === 'reserved') {
      steps.splice(-1, 0, capacity);
    } else {
      steps.push(capacity);
    }
    if (!isNew) change('minInstances');
  }
  // Of a role with another boundary nothing is taken for settled, nor of pings that are not all there.
  const isUnbound =
    (parts.setsBoundary === true || actual?.lostPings === true) && wish.keepWarm !== null;
  const warmBefore = isNew ? null : isUnbound ? undefined : settingBefore(before, 'keepWarm');
  if (!sameJson(warmBefore ?? null, wish.keepWarm) || warmBefore === undefined) {
    steps.push(
      step(target, {
        id: 'keep-warm',
        phase: 'bind',
        title: wish.keepWarm ? 'Schedule the pings that keep it warm' : 'Remove the pings',
        input: {
          keepWarm: wish.keepWarm,
          boundaryArn: parts.boundaryArn,
          before: warmBefore === undefined ? null : (warmBefore?.instances ?? 0),
        },
        deadlineSeconds: 300,
      }),
    );
    if (!isNew) change('keepWarm');
  }
  const log = logSteps(target, wish, observed, { before, isNew, claims: parts.claims ?? false });
  steps.push(...log.bind);
  if (!isNew && log.prepare.length + log.bind.length > 0) change('logRetentionDays');
  const checks = destinationChecks(target, wish.async, asyncBefore, parts.makes ?? new Set());
  return { checks, prepare: log.prepare, steps, changes };
}

/** New destinations are looked for before anything is written. */
function destinationChecks(
  target: Target,
  wish: AsyncConfig,
  before: AsyncConfig | undefined,
  makes: ReadonlySet<string>,
): readonly Step[] {
  const destinations = (['onSuccess', 'onFailure'] as const).flatMap((field): Destination[] => {
    const arn = wish[field];
    return arn === null || arn === before?.[field] || makes.has(arn) ? [] : [{ field, arn }];
  });
  if (destinations.length === 0) return [];
  return [
    step(target, {
      id: 'destinations-check',
      kind: 'check-destinations',
      phase: 'prepare',
      title: 'See that the destinations of asynchronous calls are there',
      input: { destinations },
    }),
  ];
}

export function asyncStep(
  target: Target,
  observed: AwsObserved,
  parts: {
    readonly own: AsyncConfig;
    /** Null: not known. */
    readonly before: AsyncConfig | null;
    readonly isNew: boolean;
    readonly isAliasLost?: boolean;
    readonly bindings: readonly Binding[];
  },
): Step | undefined {
  const wish = effectiveAsync(parts.own, parts.bindings);
  const isDefault = sameJson(wish, DEFAULT_ASYNC);
  const isPending = observed.record.pending.length > 0;
  const before = parts.isNew ? DEFAULT_ASYNC : parts.before;
  const hasDrifted =
    observed.actual !== null &&
    !parts.isNew &&
    !sameJson(observed.actual.async ?? DEFAULT_ASYNC, wish);
  const isLost = parts.isAliasLost === true && !isDefault;
  if (sameJson(before, wish) && !isPending && !hasDrifted && !isLost) return undefined;
  return step(target, {
    id: 'async',
    kind: 'set-async',
    phase: 'bind',
    title: 'Set how asynchronous calls are repeated',
    input: { config: isDefault ? null : wish },
    deadlineSeconds: 300,
  });
}

/**
 * A version that runs before there is a log group makes one that is nobody's, so a missing one is made first: as the
 * record has it, or where that says nothing, as wished. What the record tells otherwise changes under its mark, like all
 * settings: a deploy that is broken off must not leave a time that the next one takes for settled.
 */
function logSteps(
  target: Target,
  { logRetentionDays: days }: AppliedSettings,
  { actual }: AwsObserved,
  parts: {
    readonly before: AppliedSettings | null;
    readonly isNew: boolean;
    readonly claims: boolean;
  },
): { readonly prepare: readonly Step[]; readonly bind: readonly Step[] } {
  const { before, isNew, claims } = parts;
  const known = settingBefore(before, 'logRetentionDays');
  const isOurs = actual !== null && !actual.hasForeignLog && !isNew;
  const isMissing = isOurs && actual.logRetentionDays === null;
  const hasDrifted = isOurs && !isMissing && actual.logRetentionDays !== days;
  const ensure = (part: Pick<Step, 'id' | 'phase' | 'title'>, of: number): Step =>
    step(target, { ...part, kind: 'ensure-logs', input: { days: of, isNew, claims } });
  return {
    prepare:
      before === null || isMissing
        ? [ensure({ id: 'logs', phase: 'prepare', title: 'Make the log group' }, known ?? days)]
        : [],
    bind:
      before !== null && (known !== days || hasDrifted)
        ? [
            ensure(
              { id: 'log-retention', phase: 'bind', title: `Keep the log for ${days} days` },
              days,
            ),
          ]
        : [],
  };
}

function reservedStep(target: Target, reserved: number | null): Step {
  return step(target, {
    id: 'reserved',
    kind: 'set-reserved',
    phase: 'bind',
    title: reserved === null ? 'Lift the limit on instances' : `Allow ${reserved} instances`,
    input: { reserved },
  });
}

function capacityStep(
  target: Target,
  wish: AppliedSettings,
  before: AppliedSettings['provisioned'] | undefined,
  isTooMany: boolean,
): Step {
  return step(target, {
    id: 'capacity',
    kind: 'set-capacity',
    phase: 'bind',
    title: wish.provisioned
      ? `Keep ${wish.provisioned.min} instances ready`
      : 'Keep no instances ready',
    input: {
      provisioned: wish.provisioned,
      // Not known: as if all of it were there.
      hadScaling: before === undefined || scales(before),
      // The scaling lets be what is there when nothing asks for more.
      ...(wish.provisioned?.min === 0 &&
      (before === undefined || (before?.min ?? 0) > 0 || isTooMany)
        ? { hadStanding: true }
        : {}),
      schedulesBefore:
        before === undefined ? null : (before?.schedules ?? []).map(({ name }) => name),
    },
    deadlineSeconds: CAPACITY_SECONDS,
  });
}

export function scales(provisioned: AppliedSettings['provisioned']): boolean {
  return (
    provisioned !== null && (provisioned.max > provisioned.min || provisioned.schedules.length > 0)
  );
}

/** Whether as many are kept ready as wished; where that number is scaled, any that the scaling could have set. */
function isProvisioned(wish: AppliedSettings['provisioned'], actual: number | null): boolean {
  if (wish === null || !scales(wish)) return actual === (wish?.min ?? null);
  const least = Math.min(wish.min, ...wish.schedules.map(({ min }) => min));
  const most = Math.max(wish.max, ...wish.schedules.map(({ max }) => max));
  return actual === null ? least === 0 : actual >= least && actual <= most;
}

function isSmaller(now: number | null, before: number | null): boolean {
  return now !== null && (before === null || now < before);
}

/** The settings that these steps change, as the record names them. */
export function settingsOf(steps: readonly Step[]): readonly UnsettledSetting[] {
  return steps.flatMap(({ id }) => STEP_SETTINGS.get(id) ?? []);
}

/** What is reserved is not among them: that is read each time. */
const STEP_SETTINGS: ReadonlyMap<string, UnsettledSetting> = new Map([
  ['async', 'async'],
  ['capacity', 'provisioned'],
  ['keep-warm', 'keepWarm'],
  ['log-retention', 'logRetentionDays'],
]);
