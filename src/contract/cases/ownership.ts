import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from '../case.ts';

const ownership = casesOf('ownership');

/** What is ours, and what is not. */
export const OWNERSHIP_CASES: readonly ContractCase[] = [
  ownership('stranger-kept', "A stranger's namesake is not deployed over", [], async (t) => {
    const stranger = await t.subject.stranger(t.ref());
    try {
      const manager = await t.manager();
      await t.withoutWrites(() =>
        t.refused(() => manager.deploy('main'), { code: 'ALREADY_EXISTS', says: ['adopt'] }),
      );
      assert.equal(await stranger.untouched(), true);
    } finally {
      await stranger.remove();
    }
  }),
  ownership('stranger-not-removed', "A stranger's namesake is not removed", [], async (t) => {
    const stranger = await t.subject.stranger(t.ref());
    try {
      const manager = await t.manager();
      const { removed } = await t.withoutWrites(() => manager.remove('main'));
      assert.equal(removed, false);
      assert.equal(await stranger.untouched(), true);
    } finally {
      await stranger.remove();
    }
  }),
  ownership(
    'stranger-unseen',
    "A stranger's namesake is neither described, listed nor invoked",
    [],
    async (t) => {
      const stranger = await t.subject.stranger(t.ref());
      try {
        const manager = await t.manager();
        assert.equal(await manager.describe('main'), undefined);
        for await (const { name } of manager.list()) assert.fail(`listed ${name}`);
        await t.refused(() => manager.invoke('main', null), { code: 'NOT_FOUND' });
      } finally {
        await stranger.remove();
      }
    },
  ),
  ownership('adopt', 'A namesake is taken over when asked to', ['deploy.adopt'], async (t) => {
    const stranger = await t.subject.stranger(t.ref());
    try {
      const manager = await t.manager();
      await manager.deploy('main', { adopt: true });
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
      assert.equal((await t.withoutWrites(() => manager.deploy('main'))).changed, false);
    } finally {
      await stranger.remove();
    }
  }),
  ownership('stages-apart', 'Two stages of one app do not meet', [], async (t) => {
    const { manager } = await t.deployed();
    const other = await t.manager({ main: t.spec({ variant: 'two' }) }, { stage: 'other' });
    await t.refused(() => other.invoke('main', { op: 'variant' }), { code: 'NOT_FOUND' });
    await other.deploy('main');
    assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    assert.equal(await t.call(other, { op: 'variant' }), 'two');
    await other.remove('main');
    assert.equal(await t.call(manager, { op: 'variant' }), 'one');
  }),
  ownership(
    'names-apart',
    'Names that look alike once they are joined are told apart, or refused',
    [],
    async (t) => {
      const first = await t.manager({ 'a-b': t.spec({ variant: 'one' }) });
      await first.deploy('a-b');
      const second = await t.manager({ b: t.spec({ variant: 'two' }) }, { stage: `${t.stage}-a` });
      const outcome = await second
        .deploy('b')
        .catch((error: unknown) =>
          t.refused(() => Promise.reject(error), { code: 'ALREADY_EXISTS' }),
        );
      assert.equal((await first.invoke('a-b', { op: 'variant' })).output, 'one');
      if ('version' in outcome) {
        assert.equal((await second.invoke('b', { op: 'variant' })).output, 'two');
      }
    },
  ),
];
