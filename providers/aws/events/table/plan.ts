import type { NormalTableEvent, Step } from 'polyfaas/spi';
import { isTableStream } from '../arn.ts';
import { deadLetterPlan, type PlanContext } from '../context.ts';
import { eventStep } from '../steps.ts';
import { orderedSettings } from '../stream/plan.ts';

export function planTable(
  context: PlanContext,
  bindingId: string,
  event: NormalTableEvent,
): readonly Step[] {
  const { target } = context;
  const dead = deadLetterPlan(context, bindingId, event);
  const isStream = isTableStream(event.table);
  const sourceId = `event-${bindingId}-source`;
  const source = eventStep(target, {
    id: sourceId,
    kind: 'ensure-table',
    title: `Have the table "${event.table}" ready`,
    input: { table: event.table, create: event.create, bindingId },
    locks: [`table:${event.table}`],
  });
  return [
    ...dead.steps,
    ...(isStream ? [] : [source]),
    eventStep(target, {
      id: `event-${bindingId}-bind`,
      kind: 'put-mapping',
      title: `Bind the table "${event.table}"`,
      input: {
        mapping: {
          // Only the platform knows it: it is another one each time that the stream is switched on.
          sourceArn: isStream ? event.table : { $from: `${sourceId}.streamArn` },
          ...orderedSettings(event, dead.arn),
        },
      },
    }),
  ];
}
