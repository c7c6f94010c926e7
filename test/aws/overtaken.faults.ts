/**
 * Whoever changes events is overtaken before any call: one of the two is told, and what calls the function is what its
 * record names.
 */
import { describe, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import { hand } from './support/hand.ts';
import { callsOf, expectedTies, turn, type Meeting } from './support/meeting.ts';
import { configuring, deploying, removing, unbinding } from '../support/two-processes.ts';

const KINDS: Readonly<Record<string, EventSpec>> = {
  queue: { type: 'queue', id: 'x', queue: 'met', create: true },
  topic: { type: 'topic', id: 'x', topic: 'met', create: true },
  object: { type: 'object', id: 'x', bucket: 'shop-met', create: true },
  stream: { type: 'stream', id: 'x', stream: 'met', create: true },
  table: { type: 'table', id: 'x', table: 'met', create: true },
  bus: { type: 'bus', id: 'x', bus: 'met', pattern: { source: ['a'] }, create: true },
  schedule: { type: 'schedule', id: 'x', cron: '0 8 * * *' },
  url: { type: 'http', id: 'x' },
  api: { type: 'http', id: 'x', method: 'GET', path: '/x' },
};

const MEETINGS: Readonly<Record<string, (event: EventSpec) => Meeting>> = {
  'an event that is added, and removed': (event) => ({
    before: [deploying()],
    first: configuring(event),
    second: unbinding('x'),
  }),
  'an event that is deployed, and dropped by another deploy': (event) => ({
    before: [deploying()],
    first: deploying(event),
    second: deploying(),
  }),
  'an event that is added to a function that is removed': (event) => ({
    before: [deploying()],
    first: configuring(event),
    second: removing,
  }),
  'an event that is deployed with a function that is removed': (event) => ({
    before: [deploying()],
    first: deploying(event),
    second: removing,
  }),
  'a function that is removed, and gets another event': (event) => ({
    before: [deploying(event)],
    first: removing,
    second: configuring({ type: 'queue', id: 'z', queue: 'other', create: true }),
  }),
  'an event that is removed, and changed': (event) => ({
    before: [deploying(), configuring(event)],
    first: unbinding('x'),
    second: configuring({ ...event, enabled: false }),
  }),
};

/** Between the look at the record and its write, or its end, is one call, which nothing guards (ADR 0012). */
const UNGUARDED: ReadonlySet<string> = new Set(['lambda:TagResource', 'lambda:DeleteFunction']);

/** The turns that went wrong. */
async function sweep(meeting: Meeting): Promise<readonly string[]> {
  const calls = await callsOf(meeting);
  const expected = await expectedTies(meeting);
  const failed: string[] = [];
  for (const [call, name] of calls.entries()) {
    if (UNGUARDED.has(name)) continue;
    await turn(meeting, call, expected).catch((error: unknown) => {
      failed.push(`before call ${call}, ${name}: ${String(error)}`);
    });
  }
  return failed;
}

/** The steps of a kind are the same whoever meets them: all kinds meet one neighbour, and some meet all. */
const MEET_ALL: ReadonlySet<string> = new Set(['queue', 'object', 'schedule', 'api']);

describe.each(Object.entries(MEETINGS))('%s', (title, meetingOf) => {
  const kinds = Object.entries(KINDS).filter(
    ([kind]) => MEET_ALL.has(kind) || title === 'an event that is added, and removed',
  );
  it.each(kinds)('%s', async (_kind, event) => {
    expect(await sweep(meetingOf(event))).toStrictEqual([]);
  });
});

describe('events that share what they are bound with', () => {
  const told = (id: string): EventSpec => ({
    type: 'object',
    id: `o-${id}`,
    bucket: 'shop-met',
    prefix: `${id}/`,
    create: true,
  });
  const route = (id: string): EventSpec => ({ type: 'http', id, method: 'GET', path: `/${id}` });
  const all = [told('a'), told('b'), route('a'), route('b')];

  it('are deployed, and some of them dropped by another deploy', async () => {
    const failed = await sweep({
      before: [deploying(told('a'), route('a'))],
      first: deploying(...all),
      second: deploying(told('a'), route('a'), { type: 'schedule', id: 'c', cron: '0 8 * * *' }),
    });
    expect(failed).toStrictEqual([]);
  });
});

it('a queue that was there is added, and removed', async () => {
  const failed = await sweep({
    async given(stage) {
      const sqs = await (await hand(stage)).sqs();
      await sqs.createQueue({ QueueName: 'given', Attributes: { VisibilityTimeout: '900' } });
    },
    before: [deploying()],
    first: configuring({ type: 'queue', id: 'x', queue: 'given' }),
    second: unbinding('x'),
  });
  expect(failed).toStrictEqual([]);
});
