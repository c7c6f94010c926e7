import type { Executor } from '../../model.ts';
import { placeOf, queueArn } from '../arn.ts';
import { done, inputOf } from '../steps.ts';
import { isOurs } from '../tags.ts';
import { queueTags, queueUrl } from './ensure.ts';
import { withoutSender } from './settings.ts';

/** Lets a rule send its dead letters to a queue of ours no more. A queue of others was never changed. */
export const revokeSender: Executor = async (aws, step, call) => {
  const { target, queue, sender } = inputOf<{ queue: string; sender: string }>(step);
  const sqs = await aws.sqs();
  const url = await queueUrl(sqs, queueArn(placeOf(target), queue), call);
  if (url === undefined) return done();
  const options = { abortSignal: call.signal };
  const { Attributes } = await sqs.getQueueAttributes(
    { QueueUrl: url, AttributeNames: ['Policy'] },
    options,
  );
  const policy = withoutSender(Attributes?.['Policy'], sender);
  if (policy === undefined || !isOurs(target, await queueTags(sqs, url, call))) return done();
  await sqs.setQueueAttributes({ QueueUrl: url, Attributes: { Policy: policy } }, options);
  return done();
};
