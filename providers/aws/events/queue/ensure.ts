import type { CallContext } from 'polyfaas/spi';
import type { SQS } from '@aws-sdk/client-sqs';
import type { Executor, Target } from '../../model.ts';
import { parseArn, placeOf, plainName, queueArn } from '../arn.ts';
import { ifThere, isNamed, refusal } from '../failures.ts';
import { again, done, inputOf } from '../steps.ts';
import { isOurs, ownerTags, type Tags } from '../tags.ts';
import { sameRedrive, senderPolicy, settingProblem } from './settings.ts';
import type { QueueWish } from './wish.ts';

type Attributes = Readonly<Record<string, string>>;

/** Makes the queue, or finds it and sees that it fits. Answers `{ owned }`. */
export const ensureQueue: Executor = async (aws, step, call) => {
  const { target, queue } = inputOf<{ queue: QueueWish }>(step);
  const sqs = await aws.sqs();
  const arn = queueArn(placeOf(target), queue.queue);
  const url = await queueUrl(sqs, arn, call);
  if (url === undefined) {
    if (!queue.create) throw missingQueue(target, queue);
    try {
      await sqs.createQueue(
        {
          QueueName: plainName(queue.queue),
          Attributes: { ...attributesOf(queue, arn, undefined), ...fifo(queue.queue) },
          tags: ownerTags(target),
        },
        { abortSignal: call.signal },
      );
    } catch (error) {
      // Somebody made it meanwhile: the next turn looks at it.
      if (isNamed(error, 'QueueNameExists', 'QueueAlreadyExists')) {
        return again(call, 'waiting for the queue to be known');
      }
      throw error;
    }
    return done({ owned: true });
  }
  if (queue.source === undefined && queue.sender === undefined) return done({ owned: false });
  return done({ owned: await converge(sqs, target, queue, arn, url, call) });
};

/** The address of a queue, or undefined when there is none. */
export async function queueUrl(
  sqs: SQS,
  arn: string,
  call: CallContext,
): Promise<string | undefined> {
  const parts = parseArn(arn);
  const found = await ifThere(
    sqs.getQueueUrl(
      {
        QueueName: parts?.resource ?? arn,
        ...(parts ? { QueueOwnerAWSAccountId: parts.account } : {}),
      },
      { abortSignal: call.signal },
    ),
  );
  return found?.QueueUrl;
}

export async function queueTags(sqs: SQS, url: string, call: CallContext): Promise<Tags> {
  const { Tags } = await sqs.listQueueTags({ QueueUrl: url }, { abortSignal: call.signal });
  return Tags ?? {};
}

/** Ours is changed until it fits; another's must fit as it is. */
async function converge(
  sqs: SQS,
  target: Target,
  queue: QueueWish,
  arn: string,
  url: string,
  call: CallContext,
): Promise<boolean> {
  const { Attributes: present = {} } = await sqs.getQueueAttributes(
    { QueueUrl: url, AttributeNames: ['VisibilityTimeout', 'RedrivePolicy', 'Policy'] },
    { abortSignal: call.signal },
  );
  const difference = differing(attributesOf(queue, arn, present), present);
  // Whose it is matters only when something is to be changed, or told.
  if (Object.keys(difference).length === 0 && queue.sender === undefined) return false;
  if (!isOurs(target, await queueTags(sqs, url, call))) {
    const problem = settingProblem(queue, present);
    if (problem !== undefined) throw refusal(target, 'INVALID_ARGUMENT', problem);
    return false;
  }
  if (Object.keys(difference).length > 0) {
    await sqs.setQueueAttributes(
      { QueueUrl: url, Attributes: difference },
      { abortSignal: call.signal },
    );
  }
  return true;
}

function attributesOf(
  queue: QueueWish,
  arn: string,
  present: Attributes | undefined,
): Record<string, string> {
  const { source, sender } = queue;
  const redrive = source?.redrive ? JSON.stringify(source.redrive) : undefined;
  return {
    ...(source === undefined ? {} : { VisibilityTimeout: String(source.visibilitySeconds) }),
    // An empty policy takes one away; a new queue has none to take away.
    ...(redrive !== undefined
      ? { RedrivePolicy: redrive }
      : source && present?.['RedrivePolicy']
        ? { RedrivePolicy: '' }
        : {}),
    ...(sender === undefined ? {} : { Policy: senderPolicy(present?.['Policy'], arn, sender) }),
  };
}

function differing(wanted: Attributes, present: Attributes): Record<string, string> {
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) =>
      name === 'RedrivePolicy'
        ? !sameRedrive(value, present[name])
        : value !== (present[name] ?? ''),
    ),
  );
}

function fifo(queue: string): Record<string, string> {
  return plainName(queue).endsWith('.fifo') ? { FifoQueue: 'true' } : {};
}

function missingQueue(target: Target, { queue, field, bindingId }: QueueWish): Error {
  return refusal(
    target,
    'NOT_FOUND',
    `events.${bindingId}.${field}: there is no queue "${queue}" in this account and region. Make it, correct its name, or set create: true to have it made.`,
  );
}
