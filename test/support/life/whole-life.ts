/** A whole life of a function on a cloud, and what it must leave. */
import { expect } from 'vitest';
import type { FunctionSpec, PolyfaasConfig } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { saying } from './saying.ts';

type Declared = Omit<FunctionSpec, 'source' | 'entry' | 'image' | 'artifact'>;

/** Where it lives. */
interface LivingStage {
  readonly fake: { readonly faults: { readonly writes: number }; inventory(): readonly string[] };
  manager(config: PolyfaasConfig): Promise<ServerlessManager>;
}

/** One that says `one` where nothing else is given. */
function managerOf(stage: LivingStage, spec: Declared & { readonly source?: string }) {
  return stage.manager({ functions: { orders: { source: saying('one'), ...spec } } });
}

/**
 * Deployed, called, changed, rolled back and removed.
 *
 * @param last what the function is declared with at the end
 */
export async function assertWholeLife(stage: LivingStage, last: Declared): Promise<void> {
  const { fake } = stage;
  const before = fake.inventory();
  const first = await managerOf(stage, { env: { PART: '1' } });
  const deployment = await first.deploy('orders');
  expect(deployment.changed).toBe(true);
  expect((await first.invoke('orders', 7)).output).toEqual({ said: 'one', part: '1', input: 7 });
  const { writes } = fake.faults;
  expect((await first.deploy('orders')).changed).toBe(false);
  expect((await first.plan('orders', { drift: 'full' })).steps).toEqual([]);
  expect(fake.faults.writes).toBe(writes);

  const second = await managerOf(stage, {
    source: saying('two'),
    env: { PART: '2' },
    keepVersions: 2,
  });
  const { version } = await second.deploy('orders');
  expect((await second.invoke('orders', 8)).output).toEqual({ said: 'two', part: '2', input: 8 });
  const older = await second.invoke('orders', 8, { version: deployment.version });
  expect(older.output).toEqual({ said: 'one', part: '1', input: 8 });
  expect(older.version).toBe(deployment.version);
  const back = await second.rollback('orders');
  expect(back.version).toBe(deployment.version);
  expect((await second.invoke('orders', 9)).output).toEqual({ said: 'one', part: '1', input: 9 });
  expect((await second.describe('orders'))?.versions.map((one) => one.version).toSorted()).toEqual(
    [version, deployment.version].toSorted(),
  );

  const third = await managerOf(stage, { ...last, keepVersions: 1 });
  await third.deploy('orders');
  expect((await third.deploy('orders')).changed).toBe(false);
  expect((await third.plan('orders', { drift: 'full' })).steps).toEqual([]);
  expect((await third.describe('orders'))?.versions).toHaveLength(1);
  expect((await third.invoke('orders', 1)).output).toEqual({ said: 'one', part: null, input: 1 });

  expect(await third.remove('orders')).toEqual({ removed: true, warnings: [] });
  expect(await third.remove('orders')).toEqual({ removed: false, warnings: [] });
  expect(fake.inventory()).toEqual(before);
}

/** Removed, and deployed once more. */
export async function assertComesBack(stage: LivingStage): Promise<void> {
  const before = stage.fake.inventory();
  const manager = await managerOf(stage, { source: saying('again') });
  for (let life = 0; life < 2; life += 1) {
    await manager.deploy('orders');
    expect((await manager.invoke('orders', life)).output).toMatchObject({
      said: 'again',
      input: life,
    });
    await manager.remove('orders');
    expect(stage.fake.inventory()).toEqual(before);
  }
}

/** Whoever has the same declaration finds it. */
export async function assertFound(stage: LivingStage): Promise<void> {
  await (await managerOf(stage, {})).deploy('orders');
  const other = await managerOf(stage, {});
  const names: string[] = [];
  for await (const { name } of other.list()) names.push(name);
  expect(names).toEqual(['orders']);
  expect((await other.invoke('orders', 3)).output).toMatchObject({ input: 3 });
  await other.remove('orders');
}
