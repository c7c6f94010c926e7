import { callDirectly } from './core/direct.ts';
import type { FakeWorld } from './world.ts';

/** Sends what a dead-letter queue holds back where it came from. Resolves to how many messages that were. */
export async function redrive(world: FakeWorld, queue: string): Promise<number> {
  const arn = world.sqs.arnOf(queue);
  const sqs = world.services.find(({ id }) => id === 'sqs');
  if (!sqs) throw new Error('There is no SQS');
  const before = world.sqs.peek(arn).length;
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'AmazonSQS.StartMessageMoveTask',
  };
  await callDirectly(sqs, { headers, body: { SourceArn: arn } }, world);
  return before - world.sqs.peek(arn).length;
}
