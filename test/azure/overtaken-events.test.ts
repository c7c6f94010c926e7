/** Whoever adds an event, and is overtaken by its removal: nothing is left that takes events in for the function. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import { createAzureProvider } from 'polyfaas/azure';
import {
  configuring,
  deploying,
  ended,
  removing,
  unbinding,
  withEvents,
  type Part,
} from '../support/two-processes.ts';
import { clear, managed, meet, toldOf } from '../support/overtaking.ts';
import { EVENTS, subscriptionsOf } from './support/overtaking.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
let clean: readonly string[];
beforeEach(async () => {
  stage = await createStage();
  clean = stage.fake.inventory();
  await (await managed(stage, { main: withEvents() })).deploy('main');
});
afterEach(() => stage[Symbol.asyncDispose]());

const OVERTAKEN = {
  code: 'CONFLICT',
  message: expect.stringContaining('Run the same operation again'),
};

/** The number of the call that subscribes, when nobody is met. */
async function subscribing(event: EventSpec): Promise<number> {
  const manager = await managed(stage, { main: withEvents() });
  const calls = await stage.during(() => manager.configureEvent('main', event));
  await clear(stage);
  return calls.findIndex((call) => /^arm PUT \S+ubscriptions\/[^/]+$/.test(call));
}

async function expectNothingLeft(): Promise<void> {
  expect(subscriptionsOf(stage)).toEqual([]);
  await clear(stage);
  expect(stage.fake.inventory()).toEqual(clean);
}

const OVERTAKING: Readonly<Record<string, readonly [EventSpec, Part]>> = {
  'a bus, by the removal of the event': [EVENTS.bus, unbinding('x')],
  'a bus, by a removal': [EVENTS.bus, removing],
  'objects, by the removal of the event': [EVENTS.object, unbinding('x')],
  // It is made before the event is a part of the record.
  'a topic, by a deploy': [EVENTS.topic, deploying()],
};
/** From the call that subscribes. */
const WHEN = { 'before the look': -2, 'between the look and that': 0, 'after it': 1 };

it.each(
  Object.entries(OVERTAKING).flatMap(([what, [event, second]]) =>
    Object.entries(WHEN).map(([when, offset]) => [what, when, event, second, offset] as const),
  ),
)('%s, %s: no subscription is left', async (_what, _when, event, second, offset) => {
  const call = (await subscribing(event)) + offset;
  const met = await meet(stage, configuring(event), second, call);
  expect(met).toMatchObject({ first: OVERTAKEN, second: 'ok' });
  await expectNothingLeft();
});

const functions = { main: withEvents() };

it('waits for the end of the one who goes on, whose record has the subscription until then', async () => {
  const call = await subscribing(EVENTS.bus);
  await (await managed(stage, { main: withEvents() })).deploy('main');
  const isDeleted = Promise.withResolvers<void>();
  const isMade = Promise.withResolvers<void>();
  const remover = await stage.manager(
    { functions },
    toldOf(
      {
        async before({ id }) {
          if (id !== 'record') return;
          isDeleted.resolve();
          await isMade.promise;
        },
      },
      createAzureProvider,
    ),
  );
  let removal: Promise<unknown> = Promise.resolve();
  const stages: string[] = [];
  const adder = await stage.manager(
    { functions },
    toldOf(
      {
        async after(result) {
          if (result.done) return;
          stages.push(result.stage ?? '');
          if (!result.stage?.startsWith('waiting for the operation')) return;
          isMade.resolve();
          await removal;
        },
      },
      createAzureProvider,
    ),
  );
  stage.fake.faults.interrupt({
    call,
    async work() {
      removal = remover.removeEvent('main', 'x');
      await isDeleted.promise;
    },
  });
  expect(await ended(adder.configureEvent('main', EVENTS.bus))).toMatchObject(OVERTAKEN);
  stage.fake.faults.disarm();
  await removal;
  expect(stages).toContain('waiting for the operation that goes on instead');
  await expectNothingLeft();
});

it('is overtaken by somebody who does the same, after the event was removed', async () => {
  const manager = await managed(stage, { main: withEvents() });
  const all = await stage.during(() => manager.configureEvent('main', EVENTS.bus));
  await clear(stage);
  await manager.deploy('main');
  const hasBegun = Promise.withResolvers<void>();
  const mayGoOn = Promise.withResolvers<void>();
  const again = await stage.manager(
    { functions },
    toldOf(
      {
        async before({ phase }) {
          if (phase !== 'bind') return;
          hasBegun.resolve();
          await mayGoOn.promise;
        },
      },
      createAzureProvider,
    ),
  );
  const remover = await managed(stage, { main: withEvents() });
  let addition: Promise<unknown> = Promise.resolve();
  const adder = await managed(stage, { main: withEvents() });
  stage.fake.faults.interrupt({
    // The last look at the record.
    call: all.length - 2,
    async work() {
      await remover.removeEvent('main', 'x');
      addition = again.configureEvent('main', EVENTS.bus);
      await hasBegun.promise;
    },
  });
  const first = await ended(adder.configureEvent('main', EVENTS.bus));
  stage.fake.faults.disarm();
  mayGoOn.resolve();
  expect({ first, second: await ended(addition) }).toMatchObject({
    first: OVERTAKEN,
    second: 'ok',
  });
  expect(subscriptionsOf(stage)).toHaveLength(1);
  await clear(stage);
  expect(stage.fake.inventory()).toEqual(clean);
});
