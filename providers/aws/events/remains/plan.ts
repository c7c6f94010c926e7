/** Plans the end of what a function left that no record tells of. */
import type { Binding, Step } from 'polyfaas/spi';
import { bucketName, topicArn } from '../arn.ts';
import { ruleKey } from '../bus/plan.ts';
import type { PlanContext } from '../context.ts';
import { ruleName, statementId } from '../names.ts';
import { planNotifications } from '../object/plan.ts';
import { eventStep } from '../steps.ts';
import type { Remains } from './find.ts';

/** What calls the function besides these bindings. All ties of a record without bindings are unknown ones. */
export function planUnknownTies(
  context: PlanContext,
  remains: Remains,
  bindings: readonly Binding[],
): readonly Step[] {
  const { target } = context;
  const known = knownTies(context, bindings);
  const end = (id: string, kind: string, title: string, input: object = {}): Step =>
    eventStep(target, { id, kind, title, input, phase: 'retire' });
  return [
    ...(remains.hasApi ? [end('api-unbind', 'delete-http-api', 'Delete the API')] : []),
    ...remains.schedules
      .filter((name) => !known.has(name))
      .map((name, index) =>
        end(`schedule-${index}-unbind`, 'delete-schedule', `Stop the timer "${name}"`, { name }),
      ),
    ...remains.rules
      .filter(({ ruleArn }) => !known.has(ruleArn))
      .map((rule, index) =>
        end(`rule-${index}-unbind`, 'delete-rule', `Unbind the bus "${rule.bus}"`, { rule }),
      ),
    ...remains.topics
      .filter((arn) => !known.has(arn))
      .map((arn, index) =>
        end(`topic-${index}-unbind`, 'delete-subscription', `Unbind the topic "${arn}"`, {
          subscription: { topicArn: arn, statementId: statementId('topic', arn) },
        }),
      ),
    ...remains.buckets
      .filter((bucket) => !known.has(bucket))
      .map((bucket, index) =>
        planNotifications(context, {
          id: `bucket-${index}-unbind`,
          bucket,
          bindings: [],
          phase: 'retire',
        }),
      ),
    // Those that are known are going by then, and are passed over.
    ...(remains.hasMappings
      ? [end('mappings-unbind', 'delete-mapping', 'Unbind queues, streams and tables')]
      : []),
  ];
}

/** Names or ARNs of what is untied with these bindings. */
function knownTies(context: PlanContext, bindings: readonly Binding[]): ReadonlySet<string> {
  return new Set(
    bindings.flatMap(({ id, event }): readonly string[] => {
      switch (event.type) {
        case 'schedule':
          return [ruleName(context.target, id)];
        case 'bus':
          return [ruleKey(context, id, event.bus).ruleArn];
        case 'topic':
          return [topicArn(context.place, event.topic)];
        case 'object':
          return [bucketName(event.bucket)];
        case 'http':
        case 'queue':
        case 'stream':
        case 'table':
          break;
      }
      return [];
    }),
  );
}
