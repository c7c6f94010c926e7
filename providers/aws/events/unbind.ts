import type { Binding, Phase, Step } from 'polyfaas/spi';
import { isNative, isTableStream, sourceArn, tableArn, topicArn, type Place } from './arn.ts';
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

/** Unties the stream that a binding named before, where the wish names another stream of the same table. */
export function planStreamUnbinding(
  { target, place }: PlanContext,
  present: Binding,
  wished: readonly Binding[],
): readonly Step[] {
  const { id, event } = present;
  if (event.type !== 'table' || !isTableStream(event.table)) return [];
  const key = resourceKey(place, present);
  const isMoved = wished.some(
    (one) =>
      one.event.type === 'table' &&
      resourceKey(place, one) === key &&
      isTableStream(one.event.table) &&
      one.event.table !== event.table,
  );
  if (!isMoved) return [];
  return [
    eventStep(target, {
      id: `event-${id}-unbind`,
      kind: 'delete-mapping',
      title: `Unbind the old stream of the table of "${id}"`,
      input: { sourceArn: event.table },
    }),
  ];
}

/** The step that takes from a rule the right to send its dead letters to a queue that may be ours. */
export function planRevocation(
  context: PlanContext,
  { id, event }: Pick<Binding, 'id' | 'event'>,
  phase: Phase,
): readonly Step[] {
  if (event.type !== 'bus' || !event.create) return [];
  if (event.deadLetter === undefined || isNative(event.deadLetter)) return [];
  return [
    eventStep(context.target, {
      id: `event-${id}-revoke`,
      kind: 'revoke-sender',
      title: `Let the bus "${event.bus}" send nothing to "${event.deadLetter}" any more`,
      phase,
      input: { queue: event.deadLetter, sender: ruleKey(context, id, event.bus).ruleArn },
      locks: [`queue:${event.deadLetter}`],
    }),
  ];
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
      return unbind('delete-mapping', `Unbind the table "${event.table}"`, {
        tableArn: tableArn(place, event.table),
      });
    case 'topic': {
      const arn = topicArn(place, event.topic);
      return unbind('delete-subscription', `Unbind the topic "${event.topic}"`, {
        subscription: { topicArn: arn, statementId: statementId('topic', arn) },
      });
    }
    case 'bus':
      return [
        ...unbind('delete-rule', `Unbind the bus "${event.bus}"`, {
          rule: ruleKey(context, id, event.bus),
        }),
        ...planRevocation(context, { id, event }, phase),
      ];
    case 'schedule':
      return unbind('delete-schedule', `Stop the timer "${id}"`, { name: ruleName(target, id) });
    case 'http':
    case 'object':
      break;
  }
  return [];
}
