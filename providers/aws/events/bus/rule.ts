import { ServerlessError, type CallContext } from 'polyfaas/spi';
import type { EventBridge, Target as RuleTarget } from '@aws-sdk/client-eventbridge';
import type { AwsClients } from '../../clients/index.ts';
import { aliasArn, type Executor, type Target } from '../../model.ts';
import { ifThere, unlessMissing } from '../failures.ts';
import { allow, disallow } from '../permission.ts';
import { done, inputOf } from '../steps.ts';
import { isOurs, ownerTags, tagList, tagsOfList } from '../tags.ts';

export interface RuleKey {
  readonly name: string;
  /** Plain name or ARN. */
  readonly bus: string;
  readonly ruleArn: string;
  readonly statementId: string;
}

export interface RuleWish extends RuleKey {
  readonly enabled: boolean;
  /** JSON. */
  readonly pattern: string;
  /** What the target makes of an event; null for the event as it is. */
  readonly template: string | null;
}

/** A rule of ours has one target. */
export const TARGET_ID = 'live';
/** For events that could not be handed over; what the function makes of them is the function's own matter. */
const DELIVERY = { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 };

/** Makes the rule and its target, or brings them into line. */
export const putRule: Executor = async (aws, step, call) => {
  const { target, rule, deadLetter } = inputOf<{
    rule: RuleWish;
    deadLetter: { arn: string; owned: boolean } | null;
  }>(step);
  const events = await aws.eventbridge();
  // First: whatever is half done can be found by the statements of the alias.
  await allow(
    aws,
    target,
    { id: rule.statementId, principal: 'events.amazonaws.com', sourceArn: rule.ruleArn },
    call,
  );
  await events.putRule(
    {
      Name: rule.name,
      EventBusName: rule.bus,
      EventPattern: rule.pattern,
      State: rule.enabled ? 'ENABLED' : 'DISABLED',
      Description: `polyfaas: ${target.ref.app} ${target.ref.stage} ${target.ref.name}`,
      Tags: tagList(ownerTags(target)),
    },
    { abortSignal: call.signal },
  );
  const destination: RuleTarget = {
    Id: TARGET_ID,
    Arn: aliasArn(target),
    RetryPolicy: DELIVERY,
    ...(rule.template === null ? {} : { InputTransformer: { InputTemplate: rule.template } }),
    ...(deadLetter?.owned === true ? { DeadLetterConfig: { Arn: deadLetter.arn } } : {}),
  };
  const put = await events.putTargets(
    { Rule: rule.name, EventBusName: rule.bus, Targets: [destination] },
    { abortSignal: call.signal },
  );
  failIfRefused(target, rule, put);
  return done();
};

/** Takes the rule away, and with it the right to call the function. */
export const deleteRule: Executor = async (aws, step, call) => {
  const { target, rule } = inputOf<{ rule: RuleKey }>(step);
  await removeRule(aws, target, rule, call);
  await disallow(aws, target, rule.statementId, call);
  return done();
};

/** Takes a rule away that is ours. */
export async function removeRule(
  aws: AwsClients,
  target: Target,
  rule: RuleKey,
  call: CallContext,
): Promise<void> {
  const events = await aws.eventbridge();
  const tags = await ifThere(
    events.listTagsForResource({ ResourceARN: rule.ruleArn }, { abortSignal: call.signal }),
  );
  if (!isOurs(target, tagsOfList(tags?.Tags))) return;
  const name = { EventBusName: rule.bus };
  const ids = await targetIds(events, rule, call);
  if (ids.length > 0) {
    const removed = await ifThere(
      events.removeTargets({ ...name, Rule: rule.name, Ids: ids }, { abortSignal: call.signal }),
    );
    if (removed !== undefined) failIfRefused(target, rule, removed);
  }
  await unlessMissing(
    events.deleteRule({ ...name, Name: rule.name }, { abortSignal: call.signal }),
  );
}

async function targetIds(events: EventBridge, rule: RuleKey, call: CallContext): Promise<string[]> {
  const found = await ifThere(
    events.listTargetsByRule(
      { Rule: rule.name, EventBusName: rule.bus },
      { abortSignal: call.signal },
    ),
  );
  return (found?.Targets ?? []).flatMap(({ Id }) => (Id === undefined ? [] : [Id]));
}

/** These two calls say 200 also when they did nothing. */
function failIfRefused(
  target: Target,
  rule: RuleKey,
  reply: {
    readonly FailedEntryCount?: number | undefined;
    readonly FailedEntries?:
      | readonly {
          readonly ErrorCode?: string | undefined;
          readonly ErrorMessage?: string | undefined;
        }[]
      | undefined;
  },
): void {
  if ((reply.FailedEntryCount ?? 0) === 0) return;
  const [entry] = reply.FailedEntries ?? [];
  throw new ServerlessError({
    code: 'UNAVAILABLE',
    retryable: true,
    function: target.ref.name,
    message: `EventBridge did not take the target of the rule "${rule.name}" (${entry?.ErrorCode ?? 'no code'}: ${entry?.ErrorMessage ?? 'no reason'}). Run the same operation again.`,
  });
}
