import assert from 'node:assert/strict';
import { ServerlessError } from '../../errors/index.ts';
import { type Change, PHASES, type Plan } from '../../spi/plan.ts';
import { casesOf, type ContractCase } from '../case.ts';
import type { SpecChange } from '../context.ts';

const plan = casesOf('plan');
const SWITCH = PHASES.indexOf('switch');
/** Of a plan without its last steps: what they would have given is not known. */
const UNKNOWN_RESULT = { version: 'none', url: null, bindings: [], digest: 'none' };
const ENV = { op: 'env', names: ['PART_A'] };

/** What a platform may have no place for, declared otherwise than it is by default. */
const SETTINGS: Readonly<Record<string, SpecChange>> = {
  description: { description: 'Adds up the orders of a day' },
  minInstances: { minInstances: 1 },
  maxInstances: { maxInstances: 7 },
  concurrency: { concurrency: 3 },
  architecture: { architecture: 'arm64' },
  async: { async: { maxAgeSeconds: 120, retry: { maxAttempts: 2 } } },
  tracing: { tracing: { sampleRate: 0.5 } },
  tags: { tags: { team: 'shop' } },
};

/** Plans: looked at first, and applied by whoever. */
export const PLAN_CASES: readonly ContractCase[] = [
  plan(
    'does-nothing',
    'Planning a first deploy shows steps and changes, and does nothing',
    [],
    async (t) => {
      const manager = await t.manager();
      const made = await t.withoutWrites(() => manager.plan('main'));
      assert.equal(made.specVersion, 1);
      assert.equal(made.operation, 'deploy');
      assert.equal(made.provider, manager.provider);
      assert.deepEqual(made.function, t.ref());
      assert.ok(made.steps.length > 0);
      assert.ok(made.changes.some(({ action }) => action === 'create'));
      assert.equal(await manager.describe('main'), undefined);
    },
  ),
  plan('unchanged', 'Planning what is there already has no steps and no changes', [], async (t) => {
    const { manager, deployment } = await t.deployed();
    const made = await t.withoutWrites(() => manager.plan('main'));
    assert.deepEqual(made.steps, []);
    assert.deepEqual(made.changes, []);
    const applied = await t.withoutWrites(() => manager.apply(made));
    assert.equal(applied.changed, false);
    assert.equal(applied.version, deployment.version);
  }),
  plan('repeatable', 'The same world gives the same plan twice, in any process', [], async (t) => {
    await t.deployed();
    const planned = async (): Promise<Plan> => {
      const manager = await t.manager({ main: t.spec({ env: { PART_A: 'next' } }) });
      const made = await manager.plan('main');
      assert.deepEqual(await manager.plan('main'), made);
      return made;
    };
    assert.deepEqual(await planned(), await planned());
  }),
  plan(
    'locks',
    'Every step holds a lock, and two plans of one function share one',
    [],
    async (t) => {
      await t.deployed({ env: { PART_A: '0' } });
      const locksFor = async (value: string): Promise<readonly string[]> => {
        const manager = await t.manager({ main: t.spec({ env: { PART_A: value } }) });
        const { steps } = await manager.plan('main');
        for (const { id, locks } of steps) assert.ok(locks.length > 0, `step "${id}" holds a lock`);
        return steps.flatMap(({ locks }) => locks);
      };
      const [first, second] = [await locksFor('1'), await locksFor('2')];
      assert.ok(
        first.some((lock) => second.includes(lock)),
        'their steps run one after the other',
      );
    },
  ),
  plan('json', 'A plan survives JSON, and its copy can be applied', [], async (t) => {
    const manager = await t.manager();
    const made = await manager.plan('main');
    const copy: Plan = JSON.parse(JSON.stringify(made));
    assert.deepEqual(copy, made);
    const deployment = await manager.apply(copy);
    assert.equal(deployment.changed, true);
    assert.equal(await t.call(manager, { op: 'variant' }), 'one');
  }),
  plan('apply-is-deploy', 'Applying a plan does what deploy does', [], async (t) => {
    const manager = await t.manager();
    await manager.apply(await manager.plan('main'));
    assert.equal((await t.withoutWrites(() => manager.deploy('main'))).changed, false);
  }),
  plan('names-change', 'A plan names what is going to be different', [], async (t) => {
    await t.deployed({ timeoutSeconds: 10, env: { PART_A: 'old' } });
    const changesTo = async (change: SpecChange): Promise<readonly Change[]> => {
      const manager = await t.manager({ main: t.spec({ timeoutSeconds: 10, ...change }) });
      const { changes } = await manager.plan('main');
      assert.ok(changes.length > 0, 'it tells a change');
      assert.ok(changes.every(({ subject }) => subject.length > 0));
      return changes;
    };
    const isCode = ({ subject }: Change): boolean => subject === 'code';

    const same = { env: { PART_A: 'old' } };
    const longer = await changesTo({ ...same, timeoutSeconds: 20 });
    assert.deepEqual(
      longer.find(({ subject }) => subject === 'timeoutSeconds'),
      { action: 'update', subject: 'timeoutSeconds', from: 10, to: 20 },
    );
    assert.ok(!longer.some(isCode), 'the code stays as it is');
    assert.ok((await changesTo({ ...same, variant: 'two' })).some(isCode), 'the code is another');

    const value = 'a-value-that-plans-do-not-tell';
    const variables = async (env: Readonly<Record<string, string>>): Promise<unknown> => {
      const changes = await changesTo({ env });
      assert.ok(!JSON.stringify(changes).includes(value), 'no value of a variable is told');
      return changes
        .filter(({ subject }) => subject.startsWith('env '))
        .map(({ action, subject }) => `${action} ${subject}`);
    };
    assert.deepEqual(await variables({ PART_A: value }), ['update env PART_A']);
    assert.deepEqual(await variables({ PART_A: 'old', PART_B: value }), ['create env PART_B']);
    assert.deepEqual(await variables({ PART_B: value }), [
      'delete env PART_A',
      'create env PART_B',
    ]);
  }),
  plan('names-versions', 'A plan calls versions what deploys call them', [], async (t) => {
    const { deployment: first } = await t.deployed({ variant: 'one' });
    const manager = await t.manager({ main: t.spec({ variant: 'two' }) });
    const made = await manager.plan('main');
    const change = made.changes.find(({ subject }) => subject === 'version');
    const second = await manager.apply(made);
    assert.ok(change, 'it tells that the version is another');
    assert.equal(change.from, first.version);
    // A platform may choose the name of a new one as it is made.
    if (change.to !== undefined) assert.equal(change.to, second.version);
  }),
  plan(
    'ignores-aloud',
    'What is declared makes a difference, or is refused, or a warning names it, each time',
    [],
    async (t) => {
      await t.deployed();
      let taken: SpecChange = {};
      const ignored: string[] = [];
      for (const [field, change] of Object.entries(SETTINGS)) {
        const path = `functions.main.${field}`;
        const manager = await t.manager({ main: t.spec(change) });
        const made = await manager.plan('main').catch((error: unknown) => {
          assert.ok(ServerlessError.isInstance(error), `${field}: a typed error`);
          assert.ok(['UNSUPPORTED', 'INVALID_ARGUMENT'].includes(error.code), `${field}: refused`);
          assert.ok(error.message.includes(path), `${field}: the refusal names it`);
        });
        if (made === undefined) continue;
        taken = { ...taken, ...change };
        if (made.steps.length > 0) continue;
        const isNamed = made.warnings.some((warning) => warning.field?.startsWith(path));
        assert.ok(isNamed, `${field}: ignored without a word`);
        ignored.push(path);
      }
      const { manager } = await t.deployed(taken);
      const again = await t.withoutWrites(() => manager.plan('main'));
      assert.deepEqual(again.steps, []);
      for (const path of ignored) {
        assert.ok(
          again.warnings.some((warning) => warning.field?.startsWith(path)),
          `${path}: warned of again`,
        );
      }
    },
  ),
  plan('stale', 'A plan is refused when the world has moved since', [], async (t) => {
    await t.deployed({ env: { PART_A: '0' } });
    const planner = await t.manager({ main: t.spec({ env: { PART_A: '1' } }) });
    const made = await planner.plan('main');
    const { manager } = await t.deployed({ env: { PART_A: '2' } });
    await t.withoutWrites(() => t.refused(() => planner.apply(made), { code: 'CONFLICT' }));
    assert.deepEqual(await t.call(manager, ENV), { PART_A: '2' });
  }),
  plan('applied-twice', 'A plan that was applied already is refused as stale', [], async (t) => {
    const manager = await t.manager();
    const made = await manager.plan('main');
    await manager.apply(made);
    await t.withoutWrites(() => t.refused(() => manager.apply(made), { code: 'CONFLICT' }));
  }),
  plan(
    'phases',
    'Steps run in the order of their phases, and nobody sees what is done before the switch',
    [],
    async (t) => {
      const { manager, deployment } = await t.deployed();
      // One version is kept, so that the one that is live is deleted when its time has come.
      const next = await t.manager({ main: t.spec({ variant: 'two', keepVersions: 1 }) });
      const made = await next.plan('main');
      const phases = made.steps.map(({ phase }) => PHASES.indexOf(phase));
      assert.deepEqual(
        phases,
        phases.toSorted((a, b) => a - b),
      );
      assert.ok(phases.includes(SWITCH), 'a new version has a step of the phase "switch"');

      const steps = made.steps.filter(({ phase }) => PHASES.indexOf(phase) < SWITCH);
      await next.apply({ ...made, steps, result: UNKNOWN_RESULT });
      assert.equal((await manager.describe('main'))?.liveVersion, deployment.version);
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
      await next.deploy('main');
      assert.equal(await t.call(manager, { op: 'variant' }), 'two');
    },
  ),
  plan('unknown-step', 'A step that the adapter does not know is refused', [], async (t) => {
    const manager = await t.manager();
    const made = await manager.plan('main');
    const steps = made.steps.slice(0, 1).map((step) => ({ ...step, kind: 'no-such-step' }));
    const other = { ...made, steps, result: UNKNOWN_RESULT };
    await t.withoutWrites(() =>
      t.refused(() => manager.apply(other), { code: 'INVALID_ARGUMENT' }),
    );
    assert.equal(await manager.describe('main'), undefined);
  }),
  plan('foreign', 'A plan of another provider is refused', [], async (t) => {
    const manager = await t.manager();
    const made = await manager.plan('main');
    await t.withoutWrites(() =>
      t.refused(() => manager.apply({ ...made, provider: 'elsewhere' }), {
        code: 'INVALID_ARGUMENT',
        says: ['elsewhere'],
      }),
    );
  }),
  plan('spec-version', 'A plan of a later form is refused', [], async (t) => {
    const manager = await t.manager();
    const made = await manager.plan('main');
    const later: Plan = JSON.parse(JSON.stringify({ ...made, specVersion: 99 }));
    await t.withoutWrites(() =>
      t.refused(() => manager.apply(later), { code: 'INVALID_ARGUMENT' }),
    );
  }),
];
