/** Plans the end of what a function left that somebody deleted without polyfaas. */
import type { Step } from 'polyfaas/spi';
import type { Target } from '../../model.ts';
import { placeOf } from '../arn.ts';
import type { PlanContext } from '../context.ts';
import { deletionSteps, settling } from '../plan.ts';
import { statementId } from '../names.ts';
import { planNotifications } from '../object/plan.ts';
import { planSchedulerRoleRemoval } from '../schedule/plan.ts';
import { eventStep } from '../steps.ts';
import type { Remains } from './find.ts';

/** First what calls the function, then what was made for it. */
export function planRemains(target: Target, remains: Remains): readonly Step[] {
  const context: PlanContext = {
    target,
    place: placeOf(target),
    timeoutSeconds: 0,
    hasShim: true,
    boundaryArn: null,
  };
  const end = (id: string, kind: string, title: string, input: object = {}): Step =>
    eventStep(target, { id, kind, title, input, phase: 'retire' });
  const ties = [
    ...(remains.hasApi ? [end('http-unbind', 'delete-http-api', 'Delete the API')] : []),
    ...remains.schedules.map((name, index) =>
      end(`schedule-${index}-unbind`, 'delete-schedule', `Stop the timer "${name}"`, { name }),
    ),
    ...remains.rules.map((rule, index) =>
      end(`rule-${index}-unbind`, 'delete-rule', `Unbind the bus "${rule.bus}"`, { rule }),
    ),
    ...remains.topics.map((topicArn, index) =>
      end(`topic-${index}-unbind`, 'delete-subscription', `Unbind the topic "${topicArn}"`, {
        subscription: { topicArn, statementId: statementId('topic', topicArn) },
      }),
    ),
    ...remains.buckets.map((bucket, index) =>
      planNotifications(context, {
        id: `bucket-${index}-unbind`,
        bucket,
        bindings: [],
        phase: 'retire',
      }),
    ),
    ...(remains.hasMappings
      ? [end('mappings-unbind', 'delete-mapping', 'Unbind queues, streams and tables')]
      : []),
  ];
  return [
    ...ties,
    ...settling(context, ties, 'retire'),
    ...(remains.hasSchedulerRole ? [planSchedulerRoleRemoval(target, 'retire')] : []),
    ...deletionSteps(target, remains.made),
  ];
}
