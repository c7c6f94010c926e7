import type { NormalBusEvent, Step } from 'polyfaas/spi';
import { MARK, type BusEnvelope } from '../../envelope.ts';
import { busName, ruleArn } from '../arn.ts';
import { deadLetterPlan, type PlanContext } from '../context.ts';
import { ruleName, statementId } from '../names.ts';
import { eventStep } from '../steps.ts';
import { eventPattern } from './pattern.ts';
import type { RuleKey, RuleWish } from './rule.ts';

/** This one is always there. */
export const DEFAULT_BUS = 'default';

export function planBus(
  context: PlanContext,
  bindingId: string,
  event: NormalBusEvent,
): readonly Step[] {
  const { target } = context;
  const key = ruleKey(context, bindingId, event.bus);
  const dead = deadLetterPlan(context, bindingId, event, key.ruleArn);
  const rule: RuleWish = {
    ...key,
    enabled: event.enabled,
    pattern: eventPattern(event.pattern),
    template: context.hasShim ? inputTemplate(bindingId, event.bus) : null,
  };
  const source = eventStep(target, {
    id: `event-${bindingId}-source`,
    kind: 'ensure-bus',
    title: `Have the bus "${event.bus}" ready`,
    input: { bus: event.bus, create: event.create, bindingId },
    locks: [`bus:${event.bus}`],
  });
  return [
    ...dead.steps,
    ...(event.bus === DEFAULT_BUS ? [] : [source]),
    eventStep(target, {
      id: `event-${bindingId}-bind`,
      kind: 'put-rule',
      title: `Bind the bus "${event.bus}"`,
      input: {
        rule,
        deadLetter:
          dead.arn === undefined
            ? null
            : { arn: dead.arn, owned: { $from: `event-${bindingId}-dead.owned` } },
      },
    }),
  ];
}

/** What names the rule of a binding. */
export function ruleKey(
  { target, place }: Pick<PlanContext, 'target' | 'place'>,
  bindingId: string,
  bus: string,
): RuleKey {
  const name = ruleName(target, bindingId);
  const arn = ruleArn(place, bus, name);
  return { name, bus, ruleArn: arn, statementId: statementId('bus', arn) };
}

/**
 * What the target makes of an event. `<aws.events.event.json>` is the whole event with its detail, and
 * `<aws.events.event>` the event without it (EventBridge user guide, "Input transformation", predefined variables).
 */
function inputTemplate(bindingId: string, bus: string): string {
  const head: BusEnvelope = { kind: 'bus', binding: bindingId, bus: busName(bus) };
  return `{"${MARK}":${JSON.stringify(head)},"data":<aws.events.event.json>}`;
}
