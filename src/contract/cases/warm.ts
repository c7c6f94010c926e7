import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from '../case.ts';
import { begun, number, object } from '../context.ts';

const warm = casesOf('warm');

/** Warming. */
export const WARM_CASES: readonly ContractCase[] = [
  warm(
    'counted',
    'preWarm reports how many distinct instances are warm, and why not all that were asked for',
    ['warm.ping'],
    async (t) => {
      const { manager } = await t.deployed();
      const result = await manager.preWarm('main', { instances: 3 });
      assert.equal(result.requested, 3);
      assert.ok(result.distinctInstances >= 1 && result.distinctInstances <= 3);
      assert.equal(result.guaranteed, t.supports('warm.guaranteed'));
      const isTold = result.warnings.some(({ field }) => field === 'instances');
      assert.equal(isTold, result.distinctInstances < 3);
    },
  ),
  warm(
    'handler-not-run',
    'preWarm does not run the handler',
    ['warm.ping', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      await manager.preWarm('main', { instances: 1 });
      assert.equal(t.reports('invoke').length, 0);
      assert.equal(number(object(await t.call(manager, { op: 'peek' }))['calls']), 0);
    },
  ),
  warm('next-is-warm', 'A call after preWarm is warm', ['warm.ping', 'invoke.sync'], async (t) => {
    const { manager } = await t.deployed();
    await manager.preWarm('main', { instances: 1 });
    assert.equal((await manager.invoke('main', { op: 'variant' })).coldStart, false);
  }),
  warm(
    'guaranteed',
    'Where it is guaranteed, as many calls at once as were warmed are warm',
    ['warm.ping', 'warm.guaranteed', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      const { distinctInstances } = await manager.preWarm('main', { instances: 3 });
      assert.equal(distinctInstances, 3);
      t.script('invoke', [{ hold: true }, { hold: true }, { hold: true }]);
      const calls = begun(Promise.all([0, 1, 2].map(() => manager.invoke('main', { op: 'hold' }))));
      await t.arrived('invoke', 3);
      t.witness.release(t.app);
      const results = await t.drive(calls);
      assert.deepEqual(
        results.map(({ coldStart }) => coldStart),
        [false, false, false],
      );
    },
  ),
  warm('again', 'preWarm again counts what is warm already', ['warm.ping'], async (t) => {
    const { manager } = await t.deployed();
    const first = await manager.preWarm('main', { instances: 2 });
    const again = await manager.preWarm('main', { instances: 2 });
    assert.ok(again.distinctInstances >= 1 && first.distinctInstances >= 1);
    assert.equal((await manager.deploy('main')).changed, false);
  }),
  warm(
    'bad-number',
    'None, a negative and a broken number of instances are refused',
    ['warm.ping'],
    async (t) => {
      const { manager } = await t.deployed();
      for (const instances of [0, -1, 1.5, Number.NaN]) {
        await t.withoutWrites(() =>
          t.refused(() => manager.preWarm('main', { instances }), {
            code: 'INVALID_ARGUMENT',
            says: ['instances'],
          }),
        );
      }
    },
  ),
  warm('not-deployed', 'What is not deployed cannot be warmed', ['warm.ping'], async (t) => {
    const manager = await t.manager();
    await t.refused(() => manager.preWarm('main', { instances: 1 }), {
      code: 'NOT_FOUND',
      says: ['deploy("main")'],
    });
  }),
];
