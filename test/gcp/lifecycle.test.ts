/** A whole life of a function, against a fake that speaks Google's wire and really builds and runs the source. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { createStage, type Stage } from './support/stage.ts';

const source = (text: string): string =>
  `export default { invoke: async (input) => ({ said: '${text}', part: process.env.PART ?? null, input }) };`;

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const managerOf = (
  spec: Omit<FunctionSpec, 'source' | 'entry' | 'image' | 'artifact'> & { source?: string },
) => stage.manager({ functions: { orders: { source: source('one'), ...spec } } });

describe('a function on Google Cloud', () => {
  it('is deployed, called, changed, rolled back and removed', async () => {
    const { fake } = stage;
    const before = fake.inventory();
    const first = await managerOf({ env: { PART: '1' } });
    const deployment = await first.deploy('orders');
    expect(deployment.changed).toBe(true);
    expect((await first.invoke('orders', 7)).output).toEqual({ said: 'one', part: '1', input: 7 });
    const { writes } = fake.faults;
    expect((await first.deploy('orders')).changed).toBe(false);
    expect((await first.plan('orders', { drift: 'full' })).steps).toEqual([]);
    expect(fake.faults.writes).toBe(writes);

    const second = await managerOf({ source: source('two'), env: { PART: '2' }, keepVersions: 2 });
    const { version } = await second.deploy('orders');
    expect((await second.invoke('orders', 8)).output).toEqual({ said: 'two', part: '2', input: 8 });
    const older = await second.invoke('orders', 8, { version: deployment.version });
    expect(older.output).toEqual({ said: 'one', part: '1', input: 8 });
    expect(older.version).toBe(deployment.version);
    const back = await second.rollback('orders');
    expect(back.version).toBe(deployment.version);
    expect((await second.invoke('orders', 9)).output).toEqual({ said: 'one', part: '1', input: 9 });
    expect(
      (await second.describe('orders'))?.versions.map((one) => one.version).toSorted(),
    ).toEqual([version, deployment.version].toSorted());

    const third = await managerOf({ minInstances: 1, keepVersions: 1 });
    await third.deploy('orders');
    expect((await third.deploy('orders')).changed).toBe(false);
    expect((await third.plan('orders', { drift: 'full' })).steps).toEqual([]);
    expect((await third.describe('orders'))?.versions).toHaveLength(1);
    expect((await third.invoke('orders', 1)).output).toEqual({ said: 'one', part: null, input: 1 });

    expect(await third.remove('orders')).toEqual({ removed: true });
    expect(await third.remove('orders')).toEqual({ removed: false });
    expect(fake.inventory()).toEqual(before);
  });

  it('comes back after it was removed', async () => {
    const before = stage.fake.inventory();
    const manager = await managerOf({ source: source('again') });
    for (let life = 0; life < 2; life += 1) {
      await manager.deploy('orders');
      expect((await manager.invoke('orders', life)).output).toMatchObject({
        said: 'again',
        input: life,
      });
      await manager.remove('orders');
      expect(stage.fake.inventory()).toEqual(before);
    }
  });

  it('is found by whoever has the same declaration, and listed', async () => {
    await (await managerOf({})).deploy('orders');
    const other = await managerOf({});
    const names: string[] = [];
    for await (const { name } of other.list()) names.push(name);
    expect(names).toEqual(['orders']);
    expect((await other.invoke('orders', 3)).output).toMatchObject({ input: 3 });
    await other.remove('orders');
  });
});
