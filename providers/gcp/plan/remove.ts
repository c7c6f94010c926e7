import type { Plan, RemoveRequest, Step } from 'polyfaas/spi';
import { planEventRemoval } from '../events/plan.ts';
import type { GcpObserved, Target } from '../model.ts';
import { ownerText } from '../names.ts';
import { isElsewhere } from '../observe.ts';
import type { PlatformSettings } from '../options.ts';
import { REMOVING, type FunctionRecord } from '../record.ts';
import { encodeRecord } from '../record-text.ts';
import { STEP, type DeleteSecretInput, type DeleteServiceAccountInput } from '../steps.ts';
import { deleteFunctionStep } from './build.ts';
import { decodeApplied } from './applied.ts';
import { placeIn, plan, refuseRenamed, step, targetOf } from './parts.ts';
import { recordStep } from './records.ts';

const DELETING_SECONDS = 900;

/**
 * Everything goes: first what calls the function, then the function, then what it stood on. The settings secret, whose
 * record says what else there is, goes last. Of a function that is gone, only what it left.
 */
export function planRemove(
  platform: PlatformSettings,
  { ref, identity }: RemoveRequest,
  observed: GcpObserved,
): Plan {
  refuseRenamed(ref, observed);
  const { record, secret, leftovers, isStranger } = observed;
  const hasSecret = secret?.isOwn === true;
  const hasFunction = observed.function !== null && !isStranger;
  const isThere = hasSecret || hasFunction;
  if (isElsewhere(observed, identity.region) || (!isThere && leftovers.length === 0)) {
    return plan('remove', ref, observed, { steps: [], result: {} });
  }
  const place = placeIn(platform, { ref, identity });
  const target = targetOf(
    platform,
    { ref, identity },
    {
      serviceAccount:
        decodeApplied(record.settings)?.caller ?? observed.function?.serviceAccount ?? null,
      url: observed.function?.url ?? '',
      observed,
    },
  );
  // A deploy that began since goes on, with all that it made, and the record that tells of it.
  const claimed = hasSecret ? { claim: { secret: target.settingsSecret, next: REMOVING } } : {};
  const [sharedWith] = observed.namesakes;
  const steps: readonly Step[] = [
    // A removal that is broken off is to be seen: the next deploy makes everything anew.
    ...(hasSecret
      ? [
          recordStep(target, {
            id: 'claim',
            phase: 'prepare',
            record: removing(record),
            expected: { etag: secret.etag },
          }),
        ]
      : []),
    ...planEventRemoval({
      target,
      platform,
      record,
      sharesAccount: sharedWith !== undefined,
      between: hasFunction
        ? [deleteFunctionStep(target, { id: 'function', phase: 'retire', ...claimed })]
        : [],
      ...claimed,
    }),
    accountStep(target, {
      email: place.ownServiceAccount,
      ...(sharedWith === undefined ? {} : { sharedWith }),
      ...claimed,
    }),
    ...(hasSecret ? [secretStep(target)] : []),
  ];
  return plan('remove', ref, observed, {
    steps,
    changes: [{ action: 'delete', subject: isThere ? 'function' : 'leftovers' }],
    result: {},
  });
}

/** Whatever its length was before: what is there can always be taken away. */
function removing(record: FunctionRecord): FunctionRecord {
  const claim = { ...record, next: REMOVING, settings: '' };
  const marked = { ...claim, pending: record.bindings.map(({ id }) => id) };
  return encodeRecord(marked) === undefined ? claim : marked;
}

/** Also when another one is used now: it may have been made before. */
function accountStep(
  target: Target,
  account: Pick<DeleteServiceAccountInput, 'email' | 'sharedWith' | 'claim'>,
): Step {
  const input: DeleteServiceAccountInput = {
    projectId: target.projectId,
    ...account,
    description: ownerText(target.ref),
  };
  return step(target, {
    id: 'account',
    kind: STEP.deleteServiceAccount,
    phase: 'retire',
    title: 'Delete its service account',
    input,
    deadlineSeconds: DELETING_SECONDS,
  });
}

function secretStep(target: Target): Step {
  const input: DeleteSecretInput = { secret: target.settingsSecret, expected: REMOVING };
  return step(target, {
    id: 'secret',
    kind: STEP.deleteSecret,
    phase: 'retire',
    title: 'Delete the secret of its settings',
    input,
    deadlineSeconds: DELETING_SECONDS,
  });
}
