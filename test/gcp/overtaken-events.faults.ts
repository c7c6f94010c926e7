/**
 * Whoever adds an event, and is overtaken by somebody right before any of the calls: nothing is left that calls the
 * function, and that no record knows.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clear, managed, meet } from '../support/overtaking.ts';
import { callersOf, callsOf, EVENTS, expectNothingUnknown } from './support/overtaking.ts';
import {
  configuring,
  deploying,
  removing,
  unbinding,
  withEvents,
  type Part,
} from '../support/two-processes.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
let clean: readonly string[];
beforeAll(async () => {
  stage = await createStage();
  clean = stage.fake.inventory();
});
afterAll(() => stage[Symbol.asyncDispose]());

const SECONDS: Readonly<Record<string, Part>> = {
  'the removal of the event': unbinding('x'),
  'a deploy without it': deploying(),
  'a removal': removing,
};
/** NOT_FOUND: it was removed before it was looked at. */
const LOST: readonly string[] = ['CONFLICT', 'NOT_FOUND'];
const KINDS = Object.values(EVENTS);
/** A deploy has the same steps for its events, and many others: the simplest kind meets them, and the one of most parts. */
const DEPLOYED = KINDS.filter(({ type }) => type === 'queue' || type === 'table');

/** What calls the function because of the event, and how many calls the first one takes alone. */
async function alone(first: Part, event: (typeof KINDS)[number]) {
  await (await managed(stage, { main: withEvents(event) })).deploy('main');
  const callers = callersOf(stage);
  expect(callers).not.toEqual([]);
  await clear(stage);
  return { callers, calls: await callsOf(stage, first) };
}

describe.each(Object.entries(SECONDS))('%s', (_, second) => {
  describe.each([
    { name: 'configureEvent', partOf: configuring, kinds: KINDS },
    { name: 'a deploy', partOf: deploying, kinds: DEPLOYED },
  ])('before any call of $name', ({ partOf, kinds }) => {
    it.each(kinds)('of the kind $type', async (event) => {
      const first = partOf(event);
      const { callers, calls } = await alone(first, event);
      for (let call = 0; call < calls; call += 1) {
        const met = await meet(stage, first, second, call);
        expect(met.second, `before call ${call}`).toBe('ok');
        if (met.first !== 'ok')
          expect(LOST, `call ${call}: ${JSON.stringify(met.first)}`).toContain(met.first.code);
        await expectNothingUnknown(stage, callers, clean);
      }
    });
  });
});
