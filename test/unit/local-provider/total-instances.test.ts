/** The limit that all functions of a provider have together. */
import { expect, it } from 'vitest';
import { defaultTotalInstances } from '../../../providers/local/default-instances.ts';
import { localOf, newShop } from './shop.ts';

const MB = 1_048_576;
/** Never answers, and says when it has begun. */
const held = {
  source: `export default { invoke: (_, { log }) => {
    log.info('begun');
    return new Promise(() => {});
  } };`,
};
const quick = { source: `export const handler = () => 'done';` };

it('is there for calls of any function; who finds no place is told of it', async () => {
  const manager = await newShop().open(
    { held, quick: { ...quick, timeoutSeconds: 1 } },
    { local: { maxTotalInstances: 1 }, limits: { maxAttempts: 1 } },
  );
  await manager.deploy('held');
  const caller = new AbortController();
  const holding = manager.invoke('held', null, { signal: caller.signal }).catch(() => 'ended');
  await expect
    .poll(async () => {
      const lines: string[] = [];
      for await (const { message } of manager.logs('held', { last: '1h' })) lines.push(message);
      return lines;
    })
    .toEqual(['begun']);
  // The look at a new version needs no place.
  await manager.deploy('quick');
  await expect(manager.invoke('quick')).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    message: expect.stringContaining('providerOptions.local.maxTotalInstances'),
  });
  caller.abort();
  await holding;
  expect((await manager.invoke('quick')).output).toBe('done');
});

it('lets eight functions on one topic have their events, one after the other', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `reader-${index}`);
  const reader = {
    source: `export default { topic: (message, { log }) => log.info(String(message.data)) };`,
    events: [{ type: 'topic', topic: 'news' }],
  } as const;
  const manager = await newShop().open(Object.fromEntries(names.map((name) => [name, reader])), {
    local: { maxTotalInstances: 2 },
  });
  for (const name of names) await manager.deploy(name);
  const local = localOf(manager);
  for (const data of [1, 2, 3]) await local.sources.topic('news').publish(data);
  await local.settle();
  for (const name of names) {
    const lines: string[] = [];
    for await (const { message } of manager.logs(name, { last: '1h' })) lines.push(message);
    expect(lines.toSorted()).toEqual(['1', '2', '3']);
  }
});

it('leaves a preWarm with less than it asked for, which says so', async () => {
  const manager = await newShop().open({ quick }, { local: { maxTotalInstances: 2 } });
  await manager.deploy('quick');
  expect((await manager.preWarm('quick', { instances: 2 })).warnings).toEqual([]);
  expect(await manager.preWarm('quick', { instances: 3 })).toEqual({
    requested: 3,
    distinctInstances: 2,
    guaranteed: true,
    warnings: [
      {
        type: 'limit',
        field: 'instances',
        message: expect.stringMatching(/^2 of 3 instances are warm: there is no room for more\./),
      },
    ],
  });
});

it('is said where a function asks for more', async () => {
  const manager = await newShop().open(
    { quick: { ...quick, maxInstances: 5 } },
    { local: { maxTotalInstances: 4 } },
  );
  const { warnings } = await manager.plan('quick');
  expect(warnings).toEqual([
    expect.objectContaining({
      type: 'limit',
      message: expect.stringContaining('providerOptions.local.maxTotalInstances'),
    }),
  ]);
});

it.each([
  ['many processors', { processors: 8, memoryBytes: 64_000 * MB }, 128],
  ['few', { processors: 2, memoryBytes: 8_000 * MB }, 64],
  ['little memory', { processors: 8, memoryBytes: 1_024 * MB }, 16],
  ['next to none', { processors: 1, memoryBytes: 128 * MB }, 8],
])('suits the machine unless the options say more (%s)', (_what, machine, instances) => {
  expect(defaultTotalInstances(machine)).toBe(instances);
});
