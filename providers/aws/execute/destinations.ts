/** Where the outcomes of asynchronous calls go. */
import { parseArn, placeOf } from '../events/arn.ts';
import { refusal } from '../events/failures.ts';
import { queueUrl } from '../events/queue/ensure.ts';
import type { AwsClients } from '../clients/index.ts';
import type { Executor } from '../model.ts';
import { ifThere } from '../replies.ts';
import { inputOf } from '../step-input.ts';
import { isDenied } from '../errors.ts';
import type { CallContext } from 'polyfaas/spi';

export interface Destination {
  readonly field: 'onSuccess' | 'onFailure';
  readonly arn: string;
}

/**
 * Only looks. Lambda takes a destination that is not there, and drops what it would send. One of another account or region
 * is not looked for, nor one that the deployer may not see.
 */
export const checkDestinations: Executor = async (aws, step, call) => {
  const { target, destinations } = inputOf<{ destinations: readonly Destination[] }>(step);
  const place = placeOf(target);
  for (const { field, arn } of destinations) {
    const parts = parseArn(arn);
    if (parts?.account !== place.account || parts.region !== place.region) continue;
    if (await isThere(aws, arn, call)) continue;
    const kind = { sqs: 'queue', sns: 'topic' }[parts.service] ?? 'bus';
    const name = parts.resource.replace(/^event-bus\//, '');
    throw refusal(
      target,
      'NOT_FOUND',
      `functions.${target.ref.name}.async.${field}: there is no ${kind} "${name}" in this account and region. Make it, or correct its name.`,
    );
  }
  return { done: true };
};

async function isThere(aws: AwsClients, arn: string, call: CallContext): Promise<boolean> {
  const options = { abortSignal: call.signal };
  try {
    switch (parseArn(arn)?.service) {
      case 'sqs':
        return (await queueUrl(await aws.sqs(), arn, call)) !== undefined;
      case 'sns': {
        const sns = await aws.sns();
        return (await ifThere(sns.getTopicAttributes({ TopicArn: arn }, options))) !== undefined;
      }
      case 'events': {
        const events = await aws.eventbridge();
        return (await ifThere(events.describeEventBus({ Name: arn }, options))) !== undefined;
      }
      default:
        return true;
    }
  } catch (error) {
    if (isDenied(error)) return true;
    throw error;
  }
}
