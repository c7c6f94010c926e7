/** The role that is made for a function: widened before the change, narrowed after it. */
import type { ProviderIdentity, Step } from 'polyfaas/spi';
import type { AwsObserved, Statement, Target } from '../model.ts';
import { roleName } from '../names.ts';
import { covers, samePolicy } from '../policy/document.ts';
import { step } from './parts.ts';

export interface RolePlan {
  readonly prepare: readonly Step[];
  readonly retire: readonly Step[];
}

export const NO_ROLE_STEPS: RolePlan = { prepare: [], retire: [] };

export function roleSteps(
  target: Target,
  identity: ProviderIdentity,
  observed: AwsObserved,
  parts: {
    /** There may be no role of ours yet. */
    readonly creates: boolean;
    /** Undefined: left as it is. */
    readonly run: readonly Statement[] | undefined;
    readonly events: {
      readonly before: readonly Statement[];
      readonly during: readonly Statement[];
      readonly after: readonly Statement[];
    };
    readonly boundaryArn: string | null;
  },
): RolePlan {
  const { creates, run, events, boundaryArn } = parts;
  const { actual } = observed;
  const hasEventDrift =
    actual !== null && !creates && !samePolicy(actual.policies?.events ?? [], events.before);
  const writesEvents =
    !covers(events.before, events.during) ||
    (creates && events.during.length > 0) ||
    observed.record.pending.length > 0 ||
    hasEventDrift;
  if (run === undefined && !writesEvents && samePolicy(events.during, events.after)) {
    return NO_ROLE_STEPS;
  }
  const name = { roleName: roleName(target.physicalName, identity.region, 'run') };
  const prepare = step(target, {
    id: 'role',
    kind: 'ensure-role',
    phase: 'prepare',
    title: creates ? 'Make the role' : 'Let the role do more',
    input: {
      ...name,
      creates,
      boundaryArn,
      run: run ?? null,
      // What the live version needs stays until the new one is live.
      keepsRun: !creates && observed.latest !== null,
      events: writesEvents ? events.during : null,
    },
  });
  const hasPrepare = run !== undefined || writesEvents;
  const mayNarrowRun = run !== undefined && !creates && observed.latest !== null;
  const narrowsEvents = !samePolicy(events.during, events.after);
  if (!mayNarrowRun && !narrowsEvents) return { prepare: [prepare], retire: [] };
  return {
    prepare: hasPrepare ? [prepare] : [],
    retire: [
      step(target, {
        id: 'narrow',
        kind: 'narrow-role',
        phase: 'retire',
        title: 'Let the role do no more than it needs',
        input: {
          ...name,
          run: mayNarrowRun ? run : null,
          runIsWide: mayNarrowRun ? { $from: 'role.runIsWide' } : false,
          events: narrowsEvents ? events.after : null,
        },
      }),
    ],
  };
}
