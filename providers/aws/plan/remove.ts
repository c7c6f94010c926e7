import { digestOf, type Plan, type RemoveRequest, type Step, type Warning } from 'polyfaas/spi';
import { planRemoval } from '../events/plan.ts';
import type { Remains } from '../events/remains/find.ts';
import type { AwsObserved, Target } from '../model.ts';
import { roleArn, roleName } from '../names.ts';
import type { PlatformSettings } from '../options.ts';
import { keptTrace, unsearchedText } from '../observe/leftovers.ts';
import { MAX_TAGS, decodeSettings, settingBefore, type AppliedSettings } from './applied.ts';
import { plan, step, targetOf } from './parts.ts';
import { halfRemoved, isRemoving } from '../removing.ts';
import { scales } from './settings.ts';

/**
 * Everything goes: first what calls the function, then the function, whose tags say what else there is, then what it
 * leaves behind. Of a function that is gone, only what it left. Where the search for that was refused, something stays.
 */
export function planRemove(
  platform: PlatformSettings,
  { ref, identity }: RemoveRequest,
  observed: AwsObserved,
): Plan {
  const target = targetOf(ref, identity, observed);
  const { record, latest, leftovers, remains } = observed;
  const isThere = latest !== null && !observed.isStranger;
  const taken = [
    ...planRemoval({ target, record, remains }),
    ...capacitySteps(target, isThere ? decodeSettings(record.settings) : undefined, remains),
  ];
  const steps: Step[] = [...(isThere ? markSteps(target, observed, taken) : []), ...taken];
  // A trace of it makes another removal search once more.
  const kept = keptTrace(observed);
  const goes = (what: 'role' | 'logs'): boolean =>
    (isThere || leftovers.includes(what)) && kept !== what;
  const left = unsearchedText(ref.name, observed);
  const warnings: readonly Warning[] =
    left === undefined ? [] : [{ type: 'other', field: `functions.${ref.name}`, message: left }];
  if (!isThere && !goes('role') && !goes('logs') && steps.length === 0) {
    return plan('remove', ref, observed, { steps: [], warnings, result: {} });
  }
  if (isThere) {
    steps.push(
      step(target, {
        id: 'function',
        kind: 'delete-function',
        phase: 'retire',
        title: 'Delete the function and all its versions',
        input: {
          knows: [record, halfRemoved(record)].map((one) => digestOf(one)),
          // Where somebody else has bound something since, all that was taken away is to be as they noted it.
          claim: {
            bindings: [],
            touched: record.bindings.map(({ id }) => id),
            boundaryArn: platform.permissionsBoundaryArn,
          },
        },
        deadlineSeconds: 300,
      }),
    );
  }
  if (goes('role')) {
    steps.push(
      step(target, {
        id: 'role',
        kind: 'delete-role',
        phase: 'retire',
        title: 'Delete its role',
        input: {
          roleName: roleName(target, identity.region, 'run'),
          // With a role of the user's there is hardly one of ours, and often no right to look for it.
          ...(isThere && latest.roleArn !== roleArn(identity, target, 'run')
            ? { mayBeDenied: true }
            : {}),
        },
      }),
    );
  }
  if (goes('logs')) {
    steps.push(
      step(target, {
        id: 'logs',
        kind: 'delete-logs',
        phase: 'retire',
        title: 'Delete its log',
      }),
    );
  }
  if (platform.artifactBucket !== null) {
    steps.push(
      step(target, {
        id: 'uploads',
        kind: 'delete-artifacts',
        phase: 'retire',
        title: 'Delete what was uploaded',
        input: { bucket: platform.artifactBucket },
      }),
    );
  }
  return plan('remove', ref, observed, {
    steps,
    changes: [{ action: 'delete', subject: isThere ? 'function' : 'leftovers' }],
    warnings,
    result: {},
  });
}

/** Not where its tags are full: a function goes all the same. */
function markSteps(
  target: Target,
  { record, latest }: AwsObserved,
  taken: readonly Step[],
): readonly Step[] {
  const tags = latest?.tags ?? {};
  if (taken.length === 0 || isRemoving(tags) || Object.keys(tags).length >= MAX_TAGS) return [];
  return [
    step(target, {
      id: 'mark',
      kind: 'mark-removal',
      phase: 'retire',
      title: 'Note that all of it goes',
      input: { knows: [digestOf(record)] },
      deadlineSeconds: 300,
    }),
  ];
}

/** @param before the settings of the record; null when they say nothing, undefined without a function. */
function capacitySteps(
  target: Target,
  before: AppliedSettings | null | undefined,
  remains: Remains | undefined,
): readonly Step[] {
  const provisioned = before === undefined ? null : settingBefore(before, 'provisioned');
  const keepWarm = before === undefined ? null : settingBefore(before, 'keepWarm');
  const hadScaling = remains?.hasScaling === true;
  const hadPings = remains?.hasPings === true;
  if (provisioned === null && keepWarm === null && !hadScaling && !hadPings) return [];
  return [
    step(target, {
      id: 'capacity',
      kind: 'remove-capacity',
      phase: 'retire',
      title: 'Keep no instances ready',
      input: {
        hadScaling: hadScaling || provisioned === undefined || scales(provisioned),
        hadPings: hadPings || keepWarm !== null,
      },
      deadlineSeconds: 300,
    }),
  ];
}
