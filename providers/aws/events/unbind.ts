import type { Binding, Phase, Step } from 'polyfaas/spi';
import { isTableStream, sourceArn, tableArn, topicArn, type Place } from './arn.ts';
import { ruleKey } from './bus/plan.ts';
import type { PlanContext } from './context.ts';
import { ruleName, statementId } from './names.ts';
import { eventStep } from './steps.ts';

/** Two bindings with one key are one thing on the platform, whatever their ids. */
export function resourceKey(place: Place, { id, event }: Binding): string {
  const source = sourceArn(place, event) ?? '';
  // Rules, schedules, routes and entries of buckets are named after their binding.
  const isNamed = !['queue', 'stream', 'table', 'topic'].includes(event.type);
  return [event.type, source, isNamed ? id : ''].join(' ');
}

/** The steps that untie one source, and leave it. Routes and buckets are planned as wholes. */
export function planUnbinding(
  context: PlanContext,
  { id, event }: Binding,
  phase: Phase,
): readonly Step[] {
  const { target, place } = context;
  const unbind = (kind: string, title: string, input: object): readonly Step[] => [
    eventStep(target, { id: `event-${id}-unbind`, kind, title, input, phase }),
  ];
  switch (event.type) {
    case 'queue':
    case 'stream':
      return unbind('delete-mapping', `Unbind the ${event.type} of "${id}"`, {
        sourceArn: sourceArn(place, event),
      });
    case 'table':
      return unbind(
        'delete-mapping',
        `Unbind the table "${event.table}"`,
        isTableStream(event.table)
          ? { sourceArn: event.table }
          : { tableArn: tableArn(place, event.table) },
      );
    case 'topic': {
      const arn = topicArn(place, event.topic);
      return unbind('delete-subscription', `Unbind the topic "${event.topic}"`, {
        subscription: { topicArn: arn, statementId: statementId('topic', arn) },
      });
    }
    case 'bus':
      return unbind('delete-rule', `Unbind the bus "${event.bus}"`, {
        rule: ruleKey(context, id, event.bus),
      });
    case 'schedule':
      return unbind('delete-schedule', `Stop the timer "${id}"`, { name: ruleName(target, id) });
    case 'http':
    case 'object':
      break;
  }
  return [];
}
