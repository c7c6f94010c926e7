/** A removal that meets somebody who gives the function another event: nothing may be left that calls what is gone. */
import { beforeAll, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import { ended, withEvents, type Ending } from '../support/two-processes.ts';
import { createStage, type Stage } from './support/stage.ts';

const queue = (id: string): EventSpec => ({ type: 'queue', id, queue: `met-${id}`, create: true });
const main = withEvents(queue('old'));

const managed = (stage: Stage) => stage.manager({ functions: { main } });

/** The calls of a removal that nobody meets. */
let calls: readonly string[];
beforeAll(async () => {
  await using stage = await createStage();
  await (await managed(stage)).deploy('main');
  const manager = await managed(stage);
  calls = await stage.during(() => manager.remove('main'));
});

/** Another process binds a queue right before that operation of a removal. */
async function meet(stage: Stage, operation: string) {
  await (await managed(stage)).deploy('main');
  const manager = await managed(stage);
  const neighbour = await stage.manager({
    functions: { main },
    providerOptions: { aws: { credentials: stage.fake.observer } },
  });
  let configured: Ending | undefined;
  const call = calls.lastIndexOf(operation);
  expect(calls).toContain(operation);
  stage.fake.faults.interrupt({
    call,
    async work() {
      configured = await ended(neighbour.configureEvent('main', queue('new')));
    },
  });
  const removed = await ended(manager.remove('main'));
  stage.fake.faults.disarm();
  await stage.fake.settle();
  return { removed, configured };
}

const boundQueues = (stage: Stage): readonly string[] =>
  stage.fake
    .inventory()
    .flatMap((line) => /event source mapping \S+:(met-\w+) /.exec(line)?.[1] ?? [])
    .toSorted();

// Not before `DeleteFunction` itself: Lambda compares nothing, so what comes after the look is not seen (ADR 0012).
it.each([
  'lambda:ListEventSourceMappings',
  'lambda:DeleteEventSourceMapping',
  'lambda:GetEventSourceMapping',
  'sqs:DeleteQueue',
  'lambda:ListTags',
])('an event that comes before %s keeps the function', async (operation) => {
  await using stage = await createStage();
  const before = stage.fake.inventory();
  const { removed, configured } = await meet(stage, operation);
  expect(removed).toMatchObject({
    code: 'CONFLICT',
    retryable: true,
    message: expect.stringContaining('Remove it again'),
  });
  expect(configured).toBe('ok');
  const manager = await managed(stage);
  const { bindings = [] } = (await manager.describe('main')) ?? {};
  const ids = bindings.map(({ id }) => id).toSorted();
  expect(ids).toStrictEqual(['new', 'old']);
  // What the removal had taken away by then is there again.
  expect(boundQueues(stage)).toStrictEqual(['met-new', 'met-old']);
  await manager.remove('main');
  await stage.fake.settle();
  expect(stage.fake.inventory()).toStrictEqual(before);
});

it.each(['lambda:GetFunction', 'iam:GetRole', 'logs:DeleteLogGroup'])(
  'an event that comes before %s goes with the function, or never is',
  async (operation) => {
    await using stage = await createStage();
    const before = stage.fake.inventory();
    const { removed, configured } = await meet(stage, operation);
    expect(removed).toBe('ok');
    if (operation === 'lambda:GetFunction') expect(configured).toBe('ok');
    else expect(configured).toMatchObject({ code: 'NOT_FOUND' });
    expect(stage.fake.inventory()).toStrictEqual(before);
  },
);
