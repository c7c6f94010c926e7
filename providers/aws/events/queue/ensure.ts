import type { CallContext } from 'polyfaas/spi';
import type { SQS } from '@aws-sdk/client-sqs';
import { aliasArn, type Executor, type Target } from '../../model.ts';
import { parseArn, placeOf, plainName, queueArn } from '../arn.ts';
import { ifThere, isNamed, refusal } from '../failures.ts';
import type { AwsClients } from '../../clients/index.ts';
import { listMappings } from '../mapping.ts';
import { again, done, inputOf } from '../steps.ts';
import { isOurs, ownerTags, type Tags } from '../tags.ts';
import { sameRedrive, senderPolicy, settingProblem } from './settings.ts';
import type { QueueWish } from './wish.ts';

type Attributes = Readonly<Record<string, string>>;

/**
 * Makes the queue, or finds it and sees that it fits. Answers `{ owned }`; one that only looks answers `{ problem }`
 * where it would make the queue, or give it what it lacks.
 */
export const ensureQueue: Executor = async (aws, step, call) => {
  const { target, queue, dry = false } = inputOf<{ queue: QueueWish; dry?: boolean }>(step);
  const sqs = await aws.sqs();
  const arn = queueArn(placeOf(target), queue.queue);
  const url = await queueUrl(sqs, arn, call);
  if (url === undefined) {
    if (!queue.create) throw missingQueue(target, queue);
    if (dry) return done({ problem: `the queue "${queue.queue}" is gone` });
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
  return done(await converge(aws, { target, queue, arn, url, dry }, call));
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

/** A queue that is there. */
interface Found {
  readonly target: Target;
  readonly queue: QueueWish;
  readonly arn: string;
  readonly url: string;
  readonly dry: boolean;
}

/** Ours is changed until it fits; another's must fit as it is. */
async function converge(
  aws: AwsClients,
  { target, queue, arn, url, dry }: Found,
  call: CallContext,
): Promise<{ readonly owned: boolean; readonly problem?: string }> {
  const sqs = await aws.sqs();
  const { Attributes: present = {} } = await sqs.getQueueAttributes(
    {
      QueueUrl: url,
      AttributeNames: ['VisibilityTimeout', 'RedrivePolicy', 'Policy', 'KmsMasterKeyId'],
    },
    { abortSignal: call.signal },
  );
  if (!dry) warnOfKey(queue, present['KmsMasterKeyId'], call);
  let difference = differing(attributesOf(queue, arn, present), present);
  // Whose it is matters only when something is to be changed, or told.
  if (Object.keys(difference).length === 0 && queue.sender === undefined) return { owned: false };
  // Nobody may read the tags of a queue of another account.
  const isNear = parseArn(arn)?.account === placeOf(target).account;
  if (!isNear || !isOurs(target, await queueTags(sqs, url, call))) {
    const problem = settingProblem(queue, present);
    if (problem !== undefined) throw refusal(target, 'INVALID_ARGUMENT', problem);
    return { owned: false };
  }
  if (dry) {
    const lacking = Object.keys(withoutTaking(difference, present));
    return lacking.length === 0
      ? { owned: true }
      : { owned: true, problem: `the queue "${queue.queue}" has another ${lacking.join(' and ')}` };
  }
  if (takesAway(difference, present) && (await hasOtherReaders(aws, target, arn, call))) {
    difference = withoutTaking(difference, present);
  }
  if (Object.keys(difference).length > 0) {
    await sqs.setQueueAttributes(
      { QueueUrl: url, Attributes: difference },
      { abortSignal: call.signal },
    );
  }
  return { owned: true };
}

/** True when a message is hidden for a shorter time than now, or is given up no more. */
function takesAway(difference: Attributes, present: Attributes): boolean {
  return Object.keys(withoutTaking(difference, present)).length < Object.keys(difference).length;
}

/** What another function may rely on stays. */
function withoutTaking(difference: Attributes, present: Attributes): Record<string, string> {
  return Object.fromEntries(
    Object.entries(difference).filter(([name, value]) =>
      name === 'VisibilityTimeout'
        ? Number(value) > Number(present[name] ?? 0)
        : name !== 'RedrivePolicy' || value !== '',
    ),
  );
}

async function hasOtherReaders(
  aws: AwsClients,
  target: Target,
  arn: string,
  call: CallContext,
): Promise<boolean> {
  const readers = await listMappings(aws, { EventSourceArn: arn }, call);
  return readers.some(({ FunctionArn }) => FunctionArn !== aliasArn(target));
}

/** Without it the mapping works for nobody, and says so only where nobody looks. */
function warnOfKey({ queue, source }: QueueWish, key: string | undefined, call: CallContext): void {
  if (!source || key === undefined || key === '' || key === 'alias/aws/sqs') return;
  call.warn(
    `The queue "${queue}" is encrypted with the key "${key}". Allow the function kms:Decrypt on it (providerOptions.aws.policyStatements), or it cannot read the messages.`,
  );
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
