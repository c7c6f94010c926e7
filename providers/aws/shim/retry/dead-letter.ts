import type { JsonValue } from 'polyfaas/function';
import { queueUrl, sqsClient } from '../clients.ts';
import { accountOf, type LambdaContext } from '../lambda-context.ts';

/**
 * Writes what could not be handled to a dead-letter queue.
 *
 * @param queue the plain name of a queue in the function's own account and region, its ARN, or its URL.
 */
export async function sendDeadLetter(
  queue: string,
  data: JsonValue,
  context: LambdaContext,
): Promise<void> {
  const isFifo = queue.endsWith('.fifo');
  await sqsClient().sendMessage({
    QueueUrl: urlOf(queue, context),
    MessageBody: JSON.stringify(data),
    ...(isFifo ? { MessageGroupId: 'polyfaas', MessageDeduplicationId: context.awsRequestId } : {}),
  });
}

function urlOf(queue: string, context: LambdaContext): string {
  if (/^https?:\/\//.test(queue)) return queue;
  if (queue.startsWith('arn:')) return queueUrl(queue);
  const [, partition = 'aws', , region = ''] = context.invokedFunctionArn.split(':');
  return queueUrl(`arn:${partition}:sqs:${region}:${accountOf(context)}:${queue}`);
}
