/** The role that is made for a function: widened before the change, narrowed after it. */
import type { ProviderIdentity, Step } from 'polyfaas/spi';
import type { AwsObserved, Statement, Target } from '../model.ts';
import { roleName } from '../names.ts';
import { INLINE_POLICY_LENGTH, covers, policyDocument, samePolicy } from '../policy/document.ts';
import { refusal, step } from './parts.ts';

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
    /** True when a role that is there has another boundary, or may have. Default false. */
    readonly setsBoundary?: boolean;
    /** True while an older version that may need more still gets a part of the traffic. Default false. */
    readonly staysWide?: boolean;
    /** True when the events are not what changes. Default false. */
    readonly keepsEvents?: boolean;
    /** True when it is not known what the role allows for events. Default false. */
    readonly forgotEvents?: boolean;
  },
): RolePlan {
  const { creates, run, events, boundaryArn } = parts;
  const { setsBoundary = false, staysWide = false, keepsEvents = false } = parts;
  const { forgotEvents = false } = parts;
  const { actual } = observed;
  const hasEventDrift =
    actual !== null && !creates && !samePolicy(actual.policies?.events ?? [], events.before);
  // What it allows now is more than is known of.
  const isVague = observed.record.pending.length > 0 || forgotEvents || hasEventDrift;
  const writesEvents =
    !keepsEvents &&
    (!covers(events.before, events.during) || (creates && events.during.length > 0) || isVague);
  const hasPrepare = run !== undefined || writesEvents || setsBoundary;
  if (!hasPrepare && samePolicy(events.during, events.after)) return NO_ROLE_STEPS;
  const length = [run ?? [], events.during].reduce(
    (sum, one) => sum + policyDocument(one).length,
    0,
  );
  if (length > INLINE_POLICY_LENGTH) {
    throw refusal(
      target.ref,
      'QUOTA_EXCEEDED',
      `functions.${target.ref.name}: the policies of its role would have ${length} characters; IAM takes ${INLINE_POLICY_LENGTH}. Name fewer resources in providerOptions.aws.policyStatements (with "*"), or move some events to another function.`,
    );
  }
  const name = { roleName: roleName(target, identity.region, 'run') };
  const prepare = step(target, {
    id: 'role',
    kind: 'ensure-role',
    phase: 'prepare',
    title: creates ? 'Make the role' : 'Let the role do more',
    input: {
      ...name,
      creates,
      boundaryArn,
      ...(setsBoundary ? { setsBoundary } : {}),
      run: run ?? null,
      // What the live version needs stays until the new one is live.
      keepsRun: !creates && observed.latest !== null,
      events: writesEvents ? events.during : null,
    },
  });
  const mayNarrowRun = run !== undefined && !creates && !staysWide && observed.latest !== null;
  const narrowsEvents =
    !samePolicy(events.during, events.after) || (writesEvents && isVague && !creates);
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
