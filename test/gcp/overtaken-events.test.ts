/** Whoever adds an event, and is overtaken by its removal: nothing is left that calls. Every call: the `.faults.ts` beside. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerlessManager } from 'polyfaas/contract';
import { createGcpProvider, GCP } from 'polyfaas/gcp';
import { listAt, textAt } from '../../providers/gcp/clients/json.ts';
import { clear, managed, meet, toldOf } from '../support/overtaking.ts';
import { callersOf, EVENTS } from './support/overtaking.ts';
import { configuring, ended, removing, unbinding, withEvents } from '../support/two-processes.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
let clean: readonly string[];
/** What adding the schedule sends when nobody is met. */
let calls: readonly string[];
beforeAll(async () => {
  stage = await createStage();
  clean = stage.fake.inventory();
  await (await managed(stage, { main: withEvents() })).deploy('main');
  const manager = await managed(stage, { main: withEvents() });
  calls = await stage.during(() => manager.configureEvent('main', EVENTS.schedule));
  await clear(stage);
});
afterAll(() => stage[Symbol.asyncDispose]());

const OVERTAKEN = {
  code: 'CONFLICT',
  retryable: true,
  message: expect.stringContaining('Run the same operation again'),
};
const MAKES = 'scheduler POST jobs';
const looks = (): number => calls.indexOf(MAKES) - 1;

it.each([
  ['the removal of the event', unbinding('x')],
  ['a removal', removing],
])('is refused before anything is made, by %s', async (_, second) => {
  expect(calls[looks()]).toMatch(/^secretmanager GET /);
  const sent = await stage.during(async () => {
    const met = await meet(stage, configuring(EVENTS.schedule), second, looks());
    expect(met).toMatchObject({ first: OVERTAKEN, second: 'ok' });
  });
  expect(sent).not.toContain(MAKES);
  expect(callersOf(stage)).toEqual([]);
  await clear(stage);
  expect(stage.fake.inventory()).toEqual(clean);
});

it.each([
  ['the removal of the event', unbinding('x')],
  ['a removal', removing],
])('takes away what it made, after %s between the look and that', async (what, second) => {
  const sent = await stage.during(async () => {
    const met = await meet(stage, configuring(EVENTS.schedule), second, looks() + 1);
    expect(met.second).toBe('ok');
    expect(met.first).toMatchObject(OVERTAKEN);
  });
  // The account that signs is gone with a removed function.
  if (what === 'the removal of the event') expect(sent).toContain(MAKES);
  expect(callersOf(stage)).toEqual([]);
  await clear(stage);
  expect(stage.fake.inventory()).toEqual(clean);
});

/** When the jobs run, and what the bucket tells of. */
async function whatCalls(manager: ServerlessManager, bucket: string): Promise<unknown> {
  const gcp = manager.native(GCP.clients);
  if (gcp === undefined) throw new Error('there are no clients');
  const { signal } = new AbortController();
  const get = (api: 'scheduler' | 'storage', path: string) =>
    gcp.rest({ api, method: 'GET', path, signal }).catch(() => ({}));
  const { projectId } = stage.fake;
  const jobs = await get('scheduler', `/v1/projects/${projectId}/locations/europe-west1/jobs`);
  const told = await get('storage', `/storage/v1/b/${bucket}/notificationConfigs`);
  return [
    listAt(jobs, 'jobs').map((job) => [textAt(job, 'schedule'), textAt(job, 'state')]),
    listAt(told, 'items').map((one) => textAt(one, 'object_name_prefix')),
  ];
}

describe('a change that meets another change of the same event', () => {
  const { schedule, object } = EVENTS;
  const bucket = { ...object, bucket: 'met-changed' };

  it.each([
    ['a schedule', schedule, { ...schedule, every: '10 minutes' }, { ...schedule, enabled: false }],
    ['a bucket', bucket, { ...bucket, prefix: 'a/' }, { ...bucket, prefix: 'b/' }],
  ])('of %s: what calls is what the record says, after the next deploy', async (...row) => {
    const [, given, ours, theirs] = row;
    const main = withEvents();
    const [first, second] = [configuring(ours), configuring(theirs)];
    const begin = async (): Promise<void> => {
      await (await managed(stage, { main })).deploy('main');
      await configuring(given).work(await managed(stage, { main }));
    };
    await begin();
    const manager = await managed(stage, first);
    await second.work(manager);
    const expected = await whatCalls(manager, bucket.bucket);
    expect(expected).not.toEqual([[], []]);
    await clear(stage);
    await begin();
    const count = await stage.fake.faults.count(() => first.work(manager));
    await clear(stage);
    for (let call = 0; call < count; call += 1) {
      await begin();
      const met = await meet(stage, first, second, call, main);
      if (met.first !== 'ok') {
        expect(met).toMatchObject({ first: OVERTAKEN, second: 'ok' });
        await (await managed(stage, { main })).deploy('main');
        await stage.fake.settle();
        expect(await whatCalls(manager, bucket.bucket), `before call ${call}`).toEqual(expected);
      }
      await clear(stage);
      expect(stage.fake.inventory()).toEqual(clean);
    }
  });
});

it('waits for the end of the one who goes on, whose record has the event until then', async () => {
  const functions = { main: withEvents() };
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
      createGcpProvider,
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
          isMade.resolve();
          await removal;
        },
      },
      createGcpProvider,
    ),
  );
  stage.fake.faults.interrupt({
    call: looks() + 1,
    async work() {
      removal = remover.removeEvent('main', 'x');
      await isDeleted.promise;
    },
  });
  expect(await ended(adder.configureEvent('main', EVENTS.schedule))).toMatchObject(OVERTAKEN);
  stage.fake.faults.disarm();
  await removal;
  expect(stages).toEqual(['waiting for the operation that goes on instead']);
  expect(callersOf(stage)).toEqual([]);
  await clear(stage);
  expect(stage.fake.inventory()).toEqual(clean);
});
