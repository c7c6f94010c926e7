import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from '../case.ts';
import { number, object, only } from '../context.ts';

const deploy = casesOf('deploy');
const ENV = { op: 'env', names: ['PART_A', 'PART_B'] };

/** What a deploy makes true. */
export const DEPLOY_CASES: readonly ContractCase[] = [
  deploy('live', 'After a deploy the function answers, and says so', [], async (t) => {
    const [writes, before] = [await t.subject.writes(), await t.subject.inventory()];
    const { manager, deployment } = await t.deployed();
    assert.equal(deployment.changed, true);
    // Other cases ask for no writes, and for nothing more than before: a subject that sees nothing would pass them.
    assert.ok(
      (await t.subject.writes()) > writes,
      'the subject counts the writes of a deploy (lever: `writes`)',
    );
    const { length } = await t.subject.inventory();
    assert.ok(
      length > before.length,
      'the subject has what is deployed in its inventory (lever: `inventory`)',
    );
    assert.equal(deployment.provider, manager.provider);
    assert.deepEqual(deployment.function, t.ref());
    assert.match(deployment.digest, /^[0-9a-f]{40}$/);
    assert.ok(deployment.journal.length > 0, 'the journal has the steps');
    assert.ok(deployment.journal.every(({ status }) => status === 'done'));
    assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    assert.equal((await manager.describe('main'))?.liveVersion, deployment.version);
  }),
  deploy('idempotent', 'The same deploy again changes nothing', [], async (t) => {
    const { manager, deployment } = await t.deployed();
    const again = await t.withoutWrites(() => manager.deploy('main'));
    assert.equal(again.changed, false);
    assert.equal(again.version, deployment.version);
    assert.equal(again.digest, deployment.digest);
    assert.deepEqual(again.journal, []);
  }),
  deploy(
    'idempotent-elsewhere',
    'Another process deploys the same and changes nothing',
    [],
    async (t) => {
      const { deployment } = await t.deployed();
      const other = await t.manager();
      const again = await t.withoutWrites(() => other.deploy('main'));
      assert.equal(again.changed, false);
      assert.equal(again.version, deployment.version);
    },
  ),
  deploy(
    'full-drift-unchanged',
    'Reading everything finds no drift after a deploy',
    [],
    async (t) => {
      const { manager } = await t.deployed();
      const plan = await t.withoutWrites(() => manager.plan('main', { drift: 'full' }));
      assert.deepEqual(plan.steps, []);
    },
  ),
  deploy('code-changed', 'Changed code makes a new version live', [], async (t) => {
    const { deployment } = await t.deployed();
    const { manager, deployment: next } = await t.deployed({ variant: 'two' });
    assert.equal(next.changed, true);
    assert.notEqual(next.version, deployment.version);
    assert.notEqual(next.digest, deployment.digest);
    assert.equal(await t.call(manager, { op: 'variant' }), 'two');
  }),
  deploy(
    'one-off-spec',
    'A declaration given to deploy stands in for the configured one',
    [],
    async (t) => {
      const { manager } = await t.deployed();
      await manager.deploy('main', { spec: t.spec({ variant: 'two' }) });
      assert.equal(await t.call(manager, { op: 'variant' }), 'two');
    },
  ),
  deploy('env-inside', 'The environment is seen from inside', [], async (t) => {
    const { manager } = await t.deployed({ env: { PART_A: 'ä "quoted" = $HOME', PART_B: '' } });
    assert.deepEqual(await t.call(manager, ENV), { PART_A: 'ä "quoted" = $HOME', PART_B: '' });
  }),
  deploy('env-changed', 'A changed environment makes a new version', [], async (t) => {
    const { deployment } = await t.deployed({ env: { PART_A: '1' } });
    const { manager, deployment: next } = await t.deployed({ env: { PART_A: '2' } });
    assert.notEqual(next.version, deployment.version);
    assert.deepEqual(await t.call(manager, ENV), { PART_A: '2', PART_B: null });
  }),
  deploy(
    'env-removed',
    'A variable that is gone from the declaration is gone inside',
    [],
    async (t) => {
      await t.deployed({ env: { PART_A: '1', PART_B: '2' } });
      const { manager } = await t.deployed({ env: { PART_B: '2' } });
      assert.deepEqual(await t.call(manager, ENV), { PART_A: null, PART_B: '2' });
    },
  ),
  deploy(
    'env-own-only',
    'Nothing of the deploying process leaks into the environment',
    [],
    async (t) => {
      const name = 'POLYFAAS_CONTRACT_LEAK';
      process.env[name] = 'leaked';
      try {
        const { manager } = await t.deployed();
        assert.deepEqual(await t.call(manager, { op: 'env', names: [name] }), { [name]: null });
      } finally {
        delete process.env[name];
      }
    },
  ),
  deploy('memory-changed', 'A changed memory size is seen from inside', [], async (t) => {
    const { min, max } = t.capabilities.limits.memoryMb;
    const [small, large] = [Math.max(min, 256), Math.min(max, 512)];
    const first = await t.deployed({ memoryMb: small });
    const before = object(await t.call(first.manager, { op: 'context' }));
    const { manager, deployment } = await t.deployed({ memoryMb: large });
    const after = object(await t.call(manager, { op: 'context' }));
    assert.ok(number(before['memoryMb']) >= small);
    assert.ok(number(after['memoryMb']) >= large);
    assert.equal(deployment.changed, small !== large);
    assert.equal((await t.withoutWrites(() => manager.deploy('main'))).changed, false);
  }),
  deploy('timeout-changed', 'A changed timeout moves the deadline', [], async (t) => {
    const deadline = async (timeoutSeconds: number): Promise<number> => {
      const { manager } = await t.deployed({ timeoutSeconds });
      return number(object(await t.call(manager, { op: 'context' }))['deadline']);
    };
    const [short, long] = [await deadline(10), await deadline(60)];
    assert.ok(long - short >= 49_000, `${long - short} ms further away`);
  }),
  deploy('parallel-same', 'The same deploy from two processes at once converges', [], async (t) => {
    const managers = [await t.manager(), await t.manager()];
    const results = await Promise.allSettled(managers.map((manager) => manager.deploy('main')));
    for (const result of results) {
      if (result.status === 'rejected') {
        await t.refused(() => Promise.reject(result.reason), { code: 'CONFLICT' });
      }
    }
    const [manager] = managers;
    assert.ok(manager);
    await manager.deploy('main');
    assert.equal((await t.withoutWrites(() => manager.deploy('main'))).changed, false);
    assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    const names = [];
    for await (const { name } of manager.list()) names.push(name);
    assert.deepEqual(names, ['main']);
  }),
  deploy(
    'parallel-different',
    'Two different deploys at once leave one whole wish',
    [],
    async (t) => {
      await t.deployed({ env: { PART_A: '0', PART_B: '0' } });
      const wishes = await Promise.all(
        ['1', '2'].map((value) =>
          t.manager({ main: t.spec({ env: { PART_A: value, PART_B: value } }) }),
        ),
      );
      const results = await Promise.allSettled(wishes.map((manager) => manager.deploy('main')));
      assert.ok(
        results.some(({ status }) => status === 'fulfilled'),
        'one of them wins',
      );
      for (const result of results) {
        if (result.status === 'rejected') {
          await t.refused(() => Promise.reject(result.reason), { code: 'CONFLICT' });
        }
      }
      const [manager] = wishes;
      assert.ok(manager);
      const seen = object(await t.call(manager, ENV));
      assert.equal(seen['PART_A'], seen['PART_B'], 'never a mix of both');
      assert.ok(seen['PART_A'] === '1' || seen['PART_A'] === '2');
    },
  ),
  deploy('progress', 'Every step is announced, begun and done', [], async (t) => {
    const manager = await t.manager();
    const events: string[] = [];
    const { journal } = await manager.deploy('main', {
      onProgress: ({ step, status }) => {
        if (status !== 'waiting') events.push(`${step} ${status}`);
      },
    });
    for (const { step } of journal) {
      const begun = events.indexOf(`${step} started`);
      assert.ok(begun >= 0 && events.indexOf(`${step} done`) > begun, `${step} begins and ends`);
    }
    assert.equal(events.length, journal.length * 2);
  }),
  deploy('cancelled-before', 'A deploy that is cancelled at once sends nothing', [], async (t) => {
    const manager = await t.manager();
    await t.withoutWrites(() =>
      t.refused(() => manager.deploy('main', { signal: AbortSignal.abort() }), {
        code: 'CANCELLED',
      }),
    );
    assert.equal(await manager.describe('main'), undefined);
  }),
  deploy(
    'cancelled-midway',
    'A deploy that is cancelled midway leaves old or new, and a repeat converges',
    [],
    async (t) => {
      await t.deployed({ env: { PART_A: 'old', PART_B: 'old' } });
      const manager = await t.manager({ main: t.spec({ env: { PART_A: 'new', PART_B: 'new' } }) });
      const controller = new AbortController();
      await t
        .drive(
          manager.deploy('main', {
            signal: controller.signal,
            onProgress: () => controller.abort(),
          }),
        )
        .catch((error: unknown) => t.refused(() => Promise.reject(error), { code: 'CANCELLED' }));
      const seen = object(await t.call(manager, ENV));
      assert.equal(seen['PART_A'], seen['PART_B'], 'never a mix');
      await manager.deploy('main');
      assert.deepEqual(await t.call(manager, ENV), { PART_A: 'new', PART_B: 'new' });
    },
  ),
  deploy(
    'tags',
    'A change of tags is no new version, and converges',
    ['deploy.tags'],
    async (t) => {
      const { deployment: first } = await t.deployed({ tags: { team: 'shop' } });
      const { manager, deployment } = await t.deployed({ tags: { team: 'billing' } });
      assert.equal(deployment.version, first.version);
      // What can be gone back to is not pushed out by it.
      const versions = (await manager.describe('main'))?.versions ?? [];
      assert.deepEqual(
        versions.map(({ version }) => version),
        [first.version],
      );
      assert.equal((await t.withoutWrites(() => manager.deploy('main'))).changed, false);
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    },
  ),
  deploy(
    'keep-versions',
    'A deploy keeps at most keepVersions versions, the live one among them',
    ['deploy.rollback'],
    async (t) => {
      for (const value of ['1', '2', '3', '4']) {
        const { manager, deployment } = await t.deployed({
          keepVersions: 2,
          env: { PART_A: value },
        });
        const description = await manager.describe('main');
        const versions = description?.versions.map(({ version }) => version) ?? [];
        assert.ok(versions.length <= 2, `${versions.length} versions are kept`);
        assert.ok(versions.includes(deployment.version));
      }
    },
  ),
  deploy(
    'description',
    'describe tells the versions, newest known by its digest',
    [],
    async (t) => {
      const { manager, deployment } = await t.deployed({ memoryMb: 256, timeoutSeconds: 20 });
      const description = await manager.describe('main');
      assert.ok(description);
      assert.equal(description.name, 'main');
      assert.equal(description.app, t.app);
      assert.equal(description.stage, t.stage);
      assert.equal(description.provider, manager.provider);
      assert.ok(description.physicalName.length > 0);
      assert.ok(description.region.length > 0);
      assert.equal(description.url, null);
      const version = only(description.versions, 'version');
      assert.equal(version.version, deployment.version);
      assert.equal(version.digest, deployment.digest);
      assert.equal(version.timeoutSeconds, 20);
      assert.ok(version.handles.includes('invoke'));
      assert.ok(!Number.isNaN(Date.parse(version.createdAt)));
    },
  ),
];
