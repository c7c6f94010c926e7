import type { Plan, RemoveRequest, Step, Warning } from 'polyfaas/spi';
import { planRemoval } from '../events/plan.ts';
import type { Remains } from '../events/remains/find.ts';
import { planRemains } from '../events/remains/plan.ts';
import type { AwsObserved, Target } from '../model.ts';
import { roleArn, roleName } from '../names.ts';
import type { PlatformSettings } from '../options.ts';
import { unsearchedText } from '../observe/leftovers.ts';
import { decodeSettings, settingBefore } from './applied.ts';
import { plan, step, targetOf } from './parts.ts';
import { scales } from './settings.ts';

/**
 * Everything goes: first what calls the function, then the function, whose tags say what else there is, then what it
 * leaves behind. Of a function that is gone, only what it left.
 */
export function planRemove(
  platform: PlatformSettings,
  { ref, identity }: RemoveRequest,
  observed: AwsObserved,
): Plan {
  const target = targetOf(ref, identity, observed);
  const { record, latest, leftovers, remains } = observed;
  const isThere = latest !== null && !observed.isStranger;
  const steps: Step[] = remains === undefined ? [] : [...remainingSteps(target, remains)];
  const warnings = remains === undefined ? [] : remainsWarnings(ref.name, remains);
  if (!isThere && leftovers.length + steps.length === 0) {
    return plan('remove', ref, observed, { steps: [], warnings, result: {} });
  }
  if (isThere) {
    const before = decodeSettings(record.settings);
    steps.push(...planRemoval({ target, identity, record }));
    const provisioned = settingBefore(before, 'provisioned');
    const keepWarm = settingBefore(before, 'keepWarm');
    if (provisioned !== null || keepWarm !== null) {
      steps.push(
        step(target, {
          id: 'capacity',
          kind: 'remove-capacity',
          phase: 'retire',
          title: 'Keep no instances ready',
          input: {
            hadScaling: provisioned === undefined || scales(provisioned),
            hadPings: keepWarm !== null,
          },
          deadlineSeconds: 300,
        }),
      );
    }
    steps.push(
      step(target, {
        id: 'function',
        kind: 'delete-function',
        phase: 'retire',
        title: 'Delete the function and all its versions',
        deadlineSeconds: 300,
      }),
    );
  }
  if (isThere || leftovers.includes('role')) {
    steps.push(
      step(target, {
        id: 'role',
        kind: 'delete-role',
        phase: 'retire',
        title: 'Delete its role',
        input: {
          roleName: roleName(target.physicalName, identity.region, 'run'),
          // With a role of the user's there is hardly one of ours, and often no right to look for it.
          ...(isThere && latest.roleArn !== roleArn(identity, target.physicalName, 'run')
            ? { mayBeDenied: true }
            : {}),
        },
      }),
    );
  }
  if (isThere || leftovers.includes('logs')) {
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

/** Of a function that was deleted without polyfaas: what called it, what was made for it, what kept it warm. */
function remainingSteps(target: Target, remains: Remains): readonly Step[] {
  const { hasPings, hasScaling } = remains;
  return [
    ...planRemains(target, remains),
    ...(hasPings || hasScaling
      ? [
          step(target, {
            id: 'capacity',
            kind: 'remove-capacity',
            phase: 'retire',
            title: 'Keep no instances ready',
            input: { hadScaling: hasScaling, hadPings: hasPings },
            deadlineSeconds: 300,
          }),
        ]
      : []),
  ];
}

function remainsWarnings(name: string, { unsearched }: Remains): readonly Warning[] {
  if (unsearched.length === 0) return [];
  return [{ type: 'other', field: `functions.${name}`, message: unsearchedText(name, unsearched) }];
}
