import type { Plan, RemoveRequest, Step } from 'polyfaas/spi';
import { planEventRemoval } from '../events/plan.ts';
import { planRemoveShared } from '../events/shared.ts';
import type { AzureObserved } from '../model.ts';
import { ownWorkspaceId, placeOf } from '../names.ts';
import type { PlatformSettings } from '../options.ts';
import type { FunctionRecord } from '../record.ts';
import { isNoState } from '../tags.ts';
import { unsettled } from './applied.ts';
import { fitsTags, recordStep } from './bindings.ts';
import { plan, step, targetOf } from './parts.ts';
import { refuseOtherName } from './place.ts';

/**
 * Everything goes: first what calls the function, then the function app, whose tags say what else there is, then what it
 * stood on. What all functions of the app and stage share goes with the last of them. Of a function that is gone, only
 * what it left.
 */
export function planRemove(
  platform: PlatformSettings,
  { ref, identity }: RemoveRequest,
  observed: AzureObserved,
): Plan {
  // What it stands on would be deleted under it.
  refuseOtherName(ref, observed);
  const { record, site, leftovers, givenStorage } = observed;
  const isThere = site !== null && !observed.isStranger;
  if (!isThere && leftovers.length === 0) {
    return plan('remove', ref, observed, { steps: [], result: {} });
  }
  const target = targetOf(platform, { ref, identity }, observed);
  const place = placeOf(ref, identity.account, platform);
  const retire = { phase: 'retire', deadlineSeconds: 900 } as const;
  const steps: Step[] = [];
  if (isThere) {
    steps.push(...markSteps(target, observed), ...planEventRemoval({ target, platform, record }));
    if (givenStorage !== null) {
      // Only the function app's tags tell that it is there.
      steps.push(storageStep(retire.phase, target, true));
    }
    steps.push(
      step(target, {
        ...retire,
        id: 'site',
        kind: 'delete-site',
        title: 'Delete the function app',
      }),
    );
  }
  if (isThere || leftovers.includes('plan')) {
    steps.push(
      step(target, {
        ...retire,
        id: 'plan',
        kind: 'delete-plan',
        title: 'Delete its plan',
        input: { planId: place.planId },
      }),
    );
  }
  if (isThere || leftovers.includes('identity')) {
    steps.push(
      step(target, {
        ...retire,
        id: 'identity',
        kind: 'delete-identity',
        title: 'Delete its identity, and what that may do',
        input: { identityId: place.ownIdentityId },
      }),
    );
  }
  if ((isThere && givenStorage === null) || leftovers.includes('storage')) {
    steps.push(storageStep(retire.phase, target, false));
  }
  steps.push(planRemoveShared(target));
  steps.push(
    step(target, {
      ...retire,
      id: 'insights',
      kind: 'delete-insights',
      title: 'Delete Application Insights, unless others are left',
      input: {
        workspaceId: ownWorkspaceId(ref, target.subscriptionId, target.resourceGroup),
      },
      locks: [`insights:${target.resourceGroup}`],
    }),
    step(target, {
      ...retire,
      id: 'group',
      kind: 'delete-group',
      title: 'Delete the resource group, if it was made for the app and is empty',
      locks: [`group:${target.resourceGroup}`],
      deadlineSeconds: 1800,
    }),
  );
  return plan('remove', ref, observed, {
    steps,
    changes: [{ action: 'delete', subject: isThere ? 'function' : 'leftovers' }],
    result: {},
  });
}

/**
 * A removal that is broken off is to be seen: the next deploy makes everything anew. Not where the tags are full: a function
 * goes all the same.
 */
function markSteps(
  target: ReturnType<typeof targetOf>,
  { record, site, givenStorage }: AzureObserved,
): readonly Step[] {
  if (record.bindings.length === 0 && givenStorage === null) return [];
  const marked: FunctionRecord = {
    ...record,
    turn: record.turn + 1,
    pending: [...new Set([...record.pending, ...record.bindings.map(({ id }) => id)])].toSorted(),
    // The packages lie in the account that goes before the function app.
    ...(givenStorage === null ? {} : { packageDigest: null, lastPackage: null }),
    settings: unsettled(record.settings),
  };
  if (!fitsTags(marked, Object.keys(site?.tags ?? {}).filter(isNoState))) return [];
  return [recordStep(target, { id: 'pending', phase: 'retire', record: marked, knows: [record] })];
}

function storageStep(
  phase: Step['phase'],
  target: ReturnType<typeof targetOf>,
  isGiven: boolean,
): Step {
  return step(target, {
    id: 'storage',
    kind: 'delete-storage',
    phase,
    title: isGiven ? 'Delete what is in the storage account' : 'Delete its storage account',
    input: { isGiven },
    deadlineSeconds: 900,
  });
}
