/** From a bus through its rules to the targets, and to the dead-letter queues of those that cannot be reached. */
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import type { Bus, Rule, Target } from './buses.ts';
import { deliver, type GivenUp } from './redelivery.ts';
import { targetText, type BusEvent } from './transform.ts';

const PRINCIPAL = 'events.amazonaws.com';

/** Sends an event to the targets of all rules that it fits. */
export function dispatch(world: World, bus: Bus, event: BusEvent): void {
  const ingestionTime = toSeconds(world.clock.now());
  for (const rule of bus.rules.values()) {
    if (rule.state !== 'ENABLED' || !rule.pattern.fits(event)) continue;
    for (const target of rule.targets.values()) {
      const text = targetText(target.input, event, {
        ruleArn: rule.arn,
        ruleName: rule.name,
        ingestionTime,
      });
      world.work.run(() =>
        deliver(world, {
          send: () => send(world, rule, target, text),
          maxRetries: target.maxRetries,
          maxAgeSeconds: target.maxAgeSeconds,
          giveUp: (why) => bury(world, rule, target, JSON.stringify(event), why),
        }),
      );
    }
  }
}

/** The times of events have no fractions. */
export function toSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

async function send(world: World, rule: Rule, target: Target, text: string): Promise<void> {
  const service = target.arn.split(':')[2];
  if (service === 'lambda') {
    await world.lambda.invoke({
      arn: target.arn,
      type: 'Event',
      payload: text,
      source: { principal: PRINCIPAL, sourceArn: rule.arn },
    });
  } else if (service === 'sns') {
    if (!world.sns.exists(target.arn)) throw gone('Topic does not exist');
    world.sns.publish(target.arn, text);
  } else {
    if (!world.sqs.exists(target.arn)) throw gone('The specified queue does not exist.');
    if (!world.sqs.allowsService(target.arn, PRINCIPAL, rule.arn)) {
      throw new AwsFault(403, 'AccessDenied', `Access to the resource ${target.arn} is denied.`);
    }
    const groupId = target.messageGroupId;
    world.sqs.send(target.arn, text, groupId === undefined ? {} : { groupId });
  }
}

function gone(message: string): AwsFault {
  return new AwsFault(404, 'ResourceNotFoundException', message);
}

/** Without a dead-letter queue that lets EventBridge in, the event is lost. */
function bury(world: World, rule: Rule, target: Target, text: string, why: GivenUp): void {
  const queue = target.deadLetterArn;
  if (queue === undefined || !world.sqs.exists(queue)) return;
  if (!world.sqs.allowsService(queue, PRINCIPAL, rule.arn)) return;
  world.sqs.send(queue, text, {
    attributes: {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: why.fault.code,
      ERROR_MESSAGE: why.fault.message,
      RETRY_ATTEMPTS: String(why.retries),
      ...(why.condition !== undefined && { EXHAUSTED_RETRY_CONDITION: why.condition }),
    },
  });
}
