import { ifThere, unlessMissing } from '../failures.ts';
import { queueArn } from '../arn.ts';
import { listMappings } from '../mapping.ts';
import { queueTags, queueUrl } from '../queue/ensure.ts';
import { isOurs } from '../tags.ts';
import type { MadeKind, MadeScope } from './kind.ts';

export const MADE_QUEUE: MadeKind = {
  keptBecause: 'it is in use',

  async tags(scope) {
    const { sqs, url } = await open(scope);
    return url === undefined ? undefined : await ifThere(queueTags(sqs, url, scope.call));
  },

  async users(scope) {
    const { sqs, url, arn } = await open(scope);
    const readers = await listMappings(scope.aws, { EventSourceArn: arn }, scope.call);
    const { queueUrls: senders = [] } = await sqs.listDeadLetterSourceQueues(
      { QueueUrl: url },
      { abortSignal: scope.call.signal },
    );
    const others: string[] = [];
    for (const sender of senders) {
      // One of ours goes too; one that is gone is still told of for a minute.
      const found = await ifThere(
        sqs.listQueueTags({ QueueUrl: sender }, { abortSignal: scope.call.signal }),
      );
      if (found !== undefined && !isOurs(scope.target, found.Tags ?? {})) others.push(sender);
    }
    return [...readers.map(({ FunctionArn = '' }) => FunctionArn), ...others];
  },

  async delete(scope) {
    const { sqs, url } = await open(scope);
    if (url !== undefined) {
      await unlessMissing(sqs.deleteQueue({ QueueUrl: url }, { abortSignal: scope.call.signal }));
    }
    return 'gone';
  },

  async retag(scope, set) {
    const { sqs, url } = await open(scope);
    await sqs.tagQueue({ QueueUrl: url, Tags: set }, { abortSignal: scope.call.signal });
  },
};

async function open({ aws, place, name, url, call }: MadeScope) {
  const sqs = await aws.sqs();
  const arn = queueArn(place, name);
  return { sqs, arn, url: url ?? (await queueUrl(sqs, arn, call)) };
}
