import assert from 'node:assert/strict';
import { nativeToken } from '../../spi/native.ts';
import { casesOf, type ContractCase } from '../case.ts';

const fleet = casesOf('fleet');

/** Several functions of one app. */
export const FLEET_CASES: readonly ContractCase[] = [
  fleet('deploy-all', 'deployAll deploys every function and reports each', [], async (t) => {
    const names = ['alpha', 'beta', 'gamma'];
    const manager = await t.manager(Object.fromEntries(names.map((name) => [name, t.spec()])));
    const { outcomes } = await manager.deployAll();
    assert.deepEqual(outcomes.map(({ name }) => name).toSorted(), names);
    assert.ok(outcomes.every(({ status }) => status === 'deployed'));
    for (const name of names) {
      const { output } = await manager.invoke(name, { op: 'context' });
      assert.ok(typeof output === 'object' && output !== null && 'function' in output);
      assert.equal(output['function'], name);
    }
  }),
  fleet('deploy-all-again', 'deployAll again reports everything unchanged', [], async (t) => {
    const manager = await t.manager({ alpha: t.spec(), beta: t.spec() });
    await manager.deployAll();
    const { outcomes } = await t.withoutWrites(() => manager.deployAll());
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['unchanged', 'unchanged'],
    );
  }),
  fleet('deploy-all-partly', 'One failure in deployAll does not stop the others', [], async (t) => {
    const manager = await t.manager({
      good: t.spec(),
      bad: t.spec({ source: 'export default {{{' }),
      fine: t.spec({ variant: 'two' }),
    });
    const { outcomes } = await manager.deployAll();
    const byName = new Map(outcomes.map((outcome) => [outcome.name, outcome]));
    assert.equal(byName.get('good')?.status, 'deployed');
    assert.equal(byName.get('fine')?.status, 'deployed');
    const bad = byName.get('bad');
    assert.ok(bad?.status === 'failed');
    await t.refused(() => Promise.reject(bad.error), { code: 'INVALID_ARGUMENT' });
    assert.equal((await manager.invoke('fine', { op: 'variant' })).output, 'two');
  }),
  fleet('deploy-all-only', 'deployAll can be told which', [], async (t) => {
    const manager = await t.manager({ alpha: t.spec(), beta: t.spec() });
    const { outcomes } = await manager.deployAll({ only: ['beta'] });
    assert.deepEqual(
      outcomes.map(({ name }) => name),
      ['beta'],
    );
    assert.equal(await manager.describe('alpha'), undefined);
  }),
  fleet(
    'list',
    'list names what is deployed in this app and stage, and nothing else',
    [],
    async (t) => {
      const manager = await t.manager({ alpha: t.spec(), beta: t.spec(), gamma: t.spec() });
      await manager.deploy('alpha');
      const { version } = await manager.deploy('beta');
      const found = new Map<string, string | null>();
      for await (const { name, liveVersion } of manager.list()) found.set(name, liveVersion);
      assert.deepEqual([...found.keys()].toSorted(), ['alpha', 'beta']);
      assert.equal(found.get('beta'), version);
    },
  ),
  fleet(
    'list-unconfigured',
    'list finds what was deployed and is not configured any more',
    [],
    async (t) => {
      const { manager } = await t.deployed();
      const later = await t.manager({ another: t.spec() });
      const names = [];
      for await (const { name } of later.list()) names.push(name);
      assert.deepEqual(names, ['main']);
      await manager.remove('main');
    },
  ),
  fleet('list-apart', 'list leaves out what other stages and apps have', [], async (t) => {
    const names = ['main', 'extra'];
    const functions = Object.fromEntries(names.map((name) => [name, t.spec()]));
    const stage = await t.manager(functions, { stage: 'other' });
    const app = await t.manager(functions, { app: t.name('other') });
    for (const elsewhere of [stage, app]) await elsewhere.deployAll();
    const { manager } = await t.deployed();
    const found: string[] = [];
    for await (const { name } of manager.list()) found.push(name);
    assert.deepEqual(found, ['main']);
  }),
  fleet('list-empty', 'list of nothing is empty', [], async (t) => {
    const manager = await t.manager();
    for await (const { name } of manager.list()) assert.fail(`listed ${name}`);
  }),
  fleet('describe-missing', 'describe of what is not deployed is undefined', [], async (t) => {
    const manager = await t.manager();
    assert.equal(await manager.describe('main'), undefined);
  }),
  fleet('native-unknown', 'A token of somebody else gives no client', [], async (t) => {
    const manager = await t.manager();
    for (const name of ['polyfaas.contract', '', 'constructor']) {
      assert.equal(manager.native(nativeToken(name)), undefined, `"${name}" is no token of it`);
    }
    assert.equal(manager.native({ key: Symbol('polyfaas.native') }), undefined);
  }),
  fleet(
    'close-twice',
    'A manager can be closed twice, and what it deployed lives on',
    [],
    async (t) => {
      const { manager } = await t.deployed();
      // The second one reaches the adapter, too; one that hangs is given up when the clock moves.
      await t.drive(manager.close());
      await t.drive(manager.close());
      const other = await t.manager();
      assert.equal(await t.call(other, { op: 'variant' }), 'one');
    },
  ),
];
