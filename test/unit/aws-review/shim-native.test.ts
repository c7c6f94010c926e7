/** A Lambda handler as it is: what it answers goes back unchanged. */
import { expect, it } from 'vitest';
import { MARK } from '../../../providers/aws/envelope.ts';
import { busEvent, s3Event, snsEvent } from '../aws-shim/events.ts';
import { entryOf, lambdaContext } from '../aws-shim/inside.ts';

const schedule = { kind: 'schedule', binding: 'b', id: 'i', scheduledTime: '2026-01-01T00:00:00Z' };
const bus = { kind: 'bus', binding: 'b', bus: 'shop' };

it.each([
  ['topic', snsEvent('x')],
  ['object', s3Event()],
  ['bus', busEvent()],
  ['bus in its envelope', { [MARK]: bus, data: busEvent() }],
  ['schedule', { [MARK]: schedule, data: { id: 7 } }],
])('to an event of a %s', async (_kind, event) => {
  const answer = { done: ['a'] };
  expect(await entryOf(async () => answer).handler(event, lambdaContext())).toBe(answer);
});

it('to a caller who knows nothing of this library, even what is more than JSON', async () => {
  class Answer {
    readonly at = new Date(0);
    readonly share = Number.NaN;
  }
  const answer = new Answer();
  const { handler } = entryOf(async () => answer);
  expect(await handler({ userName: 'x' }, lambdaContext())).toBe(answer);
});

it('and what it throws still fails the call', async () => {
  const { handler } = entryOf(async () => {
    throw new RangeError('no');
  });
  await expect(handler({ userName: 'x' }, lambdaContext())).rejects.toThrow('no');
});

it('a handler of this library answers events with nothing', async () => {
  const { handler } = entryOf({ topic: () => ({ kept: 'to itself' }) });
  expect(await handler(snsEvent('x'), lambdaContext())).toBeNull();
});

it.each(['constructor', '__proto__', 'aws:mq'])(
  'records of a source %s are an input',
  async (eventSource) => {
    const input = { Records: [{ eventSource }] };
    const { handler } = entryOf({ invoke: (given: unknown) => ({ given }) });
    expect(await handler(input, lambdaContext())).toEqual({ given: input });
  },
);
