/** An event that is removed while it is being added: who adds it is told, and nothing goes on calling the function. */
import { expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import { EMPTY_RECORD, encodeRecord } from '../../providers/aws/record.ts';
import { hand } from './support/hand.ts';
import { begun, callsOf, expectedTies, turn } from './support/meeting.ts';
import { configuring, deploying, ended, unbinding } from '../support/two-processes.ts';
import { createStage, type Stage } from './support/stage.ts';

const queue: EventSpec = { type: 'queue', id: 'x', queue: 'met', create: true };
const meeting = {
  before: [deploying()],
  first: configuring(queue),
  second: unbinding('x'),
};
const TOLD = {
  code: 'CONFLICT',
  retryable: true,
  message: expect.stringContaining('Run the same operation again'),
};

it.each([
  ['before it is bound', 'sqs:CreateQueue'],
  ['while it waits for its role', 'lambda:ListEventSourceMappings'],
  ['right before it is bound', 'lambda:CreateEventSourceMapping'],
  ['right before it is noted', 'lambda:ListTags'],
])('%s', async (_when, operation) => {
  const calls = await callsOf(meeting);
  const expected = await expectedTies(meeting);
  const { first, second } = await turn(meeting, calls.lastIndexOf(operation), expected);
  expect(second).toBe('ok');
  expect(first).toMatchObject(TOLD);
});

const mappings = (stage: Stage): readonly string[] =>
  stage.fake.inventory().filter((line) => line.includes('event source mapping'));

const MAIN = 'arn:aws:lambda:eu-central-1:123456789012:function:shop-dev-main';
const note = (pending: readonly string[]) => ({
  Resource: MAIN,
  Tags: { ...encodeRecord({ ...EMPTY_RECORD, pending, mark: 'other' }) },
});

/** Another operation has noted that it changes `y` right before the queue is bound. */
async function halfDone(stage: Stage, endsAfterMs?: number) {
  const calls = await callsOf(meeting);
  const manager = await stage.manager({ functions: { main: meeting.first.main } });
  await manager.deploy('main');
  const lambda = await (await hand(stage)).lambda();
  stage.fake.faults.interrupt({
    call: calls.lastIndexOf('lambda:CreateEventSourceMapping'),
    async work() {
      await lambda.tagResource(note(['y']));
      if (endsAfterMs === undefined) return;
      stage.clock.after(endsAfterMs, () => void lambda.tagResource(note([])));
    },
  });
  return manager;
}

it('by an operation that was broken off: the next one takes it away', async () => {
  await using stage = await createStage();
  const manager = await halfDone(stage);
  const told = await ended(manager.configureEvent('main', queue));
  expect(told).toMatchObject({ ...TOLD, message: expect.stringContaining('may still call') });
  stage.fake.faults.disarm();
  expect(mappings(stage)).toHaveLength(1);
  await manager.deploy('main');
  await stage.fake.settle();
  expect(mappings(stage)).toStrictEqual([]);
});

it('by an operation that takes minutes: it is waited for', async () => {
  await using stage = await createStage();
  const manager = await halfDone(stage, 150_000);
  await expect(manager.configureEvent('main', queue)).rejects.toMatchObject(TOLD);
  stage.fake.faults.disarm();
  await stage.fake.settle();
  expect(mappings(stage)).toStrictEqual([]);
});

it.each([
  ['by whoever adds another one', configuring(queue), 'iam:PutRolePolicy'],
  ['by whoever removes another one', unbinding('x'), 'iam:DeleteRolePolicy'],
])('the role lets what was bound meanwhile be read, %s', async (_who, first, operation) => {
  const other: EventSpec = { type: 'queue', id: 'y', queue: 'other', create: true };
  const before = operation === 'iam:PutRolePolicy' ? [deploying()] : [deploying(queue)];
  const parts = { before, first, second: configuring(other) };
  const calls = await callsOf(parts);
  await using stage = await createStage();
  const outcome = await begun(stage, parts, calls.lastIndexOf(operation));
  expect(outcome.second).toBe('ok');
  expect(outcome.first).toMatchObject(TOLD);
  const sqs = await (await hand(stage)).sqs();
  const { QueueUrl = '' } = await sqs.getQueueUrl({ QueueName: 'other' });
  await sqs.sendMessage({ QueueUrl, MessageBody: '1' });
  await stage.until('the message is read', async () => {
    const AttributeNames = ['ApproximateNumberOfMessages' as const];
    const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames });
    return Attributes?.['ApproximateNumberOfMessages'] === '0';
  });
});
