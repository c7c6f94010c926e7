/** An event that is removed while it is being added: who adds it is told, and nothing goes on calling the function. */
import { expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import { EMPTY_RECORD, encodeRecord } from '../../providers/aws/record.ts';
import { hand } from './support/hand.ts';
import { callsOf, expectedTies, turn } from './support/meeting.ts';
import { configuring, deploying, unbinding } from '../support/two-processes.ts';
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

it('by an operation that was broken off: the next one takes it away', async () => {
  const calls = await callsOf(meeting);
  await using stage = await createStage();
  const manager = await stage.manager({ functions: { main: meeting.first.main } });
  await manager.deploy('main');
  const lambda = await (await hand(stage)).lambda();
  stage.fake.faults.interrupt({
    call: calls.lastIndexOf('lambda:CreateEventSourceMapping'),
    async work() {
      await lambda.tagResource({
        Resource: 'arn:aws:lambda:eu-central-1:123456789012:function:shop-dev-main',
        Tags: { ...encodeRecord({ ...EMPTY_RECORD, pending: ['y'], mark: 'other' }) },
      });
    },
  });
  await expect(manager.configureEvent('main', queue)).rejects.toMatchObject(TOLD);
  stage.fake.faults.disarm();
  expect(mappings(stage)).toHaveLength(1);
  await manager.deploy('main');
  await stage.fake.settle();
  expect(mappings(stage)).toStrictEqual([]);
});
