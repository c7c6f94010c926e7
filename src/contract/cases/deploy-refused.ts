import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { casesOf, type ContractCase } from '../case.ts';
import type { ContractContext, Refusal, SpecChange } from '../context.ts';
import { HANDLER_KINDS } from '../../function/events.ts';
import { fixtureSource } from '../fixture.ts';

const deploy = casesOf('deploy');

/** Breaks where it is deployed: code that tells what it handles is not loaded before. */
const BREAKING: SpecChange = { env: { BREAK_INIT: 'yes' }, handles: HANDLER_KINDS };
const SMALL_ARTIFACT_BYTES = 512 * 1024;
const LARGEST_TO_MAKE_BYTES = 8 * 1024 * 1024;

/** Deploys a good version, then something that cannot be: refused without a write, and the good one serves on. */
async function refusedOverLive(
  t: ContractContext,
  change: SpecChange,
  refusal: Refusal,
): Promise<void> {
  const { manager, deployment } = await t.deployed();
  await t.withoutWrites(() =>
    t.refused(async () => {
      const bad = await t.manager({ main: t.spec(change) });
      await bad.deploy('main');
    }, refusal),
  );
  assert.equal(await t.call(manager, { op: 'variant' }), 'one');
  assert.equal((await manager.describe('main'))?.liveVersion, deployment.version);
}

/** What a deploy refuses, and what stays live then. */
export const DEPLOY_REFUSED_CASES: readonly ContractCase[] = [
  deploy(
    'syntax-error',
    'Code with a syntax error is refused, and the old version serves on',
    [],
    (t) => refusedOverLive(t, { source: 'export default {{{' }, { code: 'INVALID_ARGUMENT' }),
  ),
  deploy('no-handler', 'Code that exports no function is refused', [], (t) =>
    refusedOverLive(
      t,
      { source: 'export const answer = 42;' },
      { code: 'INVALID_ARGUMENT', says: ['main'] },
    ),
  ),
  deploy('handler-not-found', 'A handler that the module does not export is named', [], (t) =>
    refusedOverLive(
      t,
      { handler: 'orderHandler' },
      { code: 'INVALID_ARGUMENT', says: ['orderHandler'] },
    ),
  ),
  deploy('missing-entry', 'A missing entry file is named', [], async (t) => {
    const { manager } = await t.deployed();
    const bad = await t.manager({ main: { entry: './there/is/no/such-file.ts' } });
    await t.withoutWrites(() =>
      t.refused(() => bad.deploy('main'), {
        code: ['INVALID_ARGUMENT', 'NOT_FOUND'],
        says: ['such-file.ts'],
      }),
    );
    assert.equal(await t.call(manager, { op: 'variant' }), 'one');
  }),
  deploy('missing-import', 'An import that cannot be found is named', [], (t) =>
    refusedOverLive(
      t,
      {
        source:
          "import 'no-such-package-anywhere'; export default { fetch: () => new Response() };",
      },
      { code: 'INVALID_ARGUMENT', says: ['no-such-package-anywhere'] },
    ),
  ),
  deploy(
    'unhandled-kind',
    'An event that the code does not handle is refused before anything is sent',
    ['event.queue'],
    (t) =>
      refusedOverLive(
        t,
        {
          source: fixtureSource('two', ['invoke', 'topic']),
          events: [{ type: 'queue', queue: t.name('q'), create: true }],
        },
        { code: 'INVALID_ARGUMENT', says: ['queue'] },
      ),
  ),
  deploy('old-runtime', 'A version of Node.js that nobody runs any more is refused', [], (t) =>
    refusedOverLive(t, { runtime: 'node18' }, { code: 'INVALID_ARGUMENT', says: ['node18'] }),
  ),
  deploy(
    'env-over-limit',
    'An environment over the limit is refused before anything is sent',
    [],
    (t) =>
      refusedOverLive(
        t,
        { env: { TOO_LONG: 'x'.repeat(t.capabilities.limits.envBytes + 1) } },
        { code: ['INVALID_ARGUMENT', 'PAYLOAD_TOO_LARGE'], says: ['env'] },
      ),
  ),
  deploy(
    'artifact-over-limit',
    'An artifact over the limit is refused before anything is sent',
    [],
    async (t) => {
      const { zipBytes } = t.capabilities.limits;
      const limit = zipBytes <= LARGEST_TO_MAKE_BYTES ? zipBytes : SMALL_ARTIFACT_BYTES;
      const ballast = randomBytes(limit).toString('base64');
      const { manager } = await t.deployed();
      const bad = await t.manager(
        {
          main: t.spec({ source: `${fixtureSource('two')}\nexport const ballast = '${ballast}';` }),
        },
        { artifactLimitBytes: limit },
      );
      await t.withoutWrites(() =>
        t.refused(() => bad.deploy('main'), { code: ['INVALID_ARGUMENT', 'PAYLOAD_TOO_LARGE'] }),
      );
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    },
  ),
  deploy(
    'memory-out-of-range',
    'A memory size that the platform does not have is refused with its range',
    [],
    (t) => {
      const { max } = t.capabilities.limits.memoryMb;
      return refusedOverLive(
        t,
        { memoryMb: Math.max(max + 1, 32_769) },
        { code: 'INVALID_ARGUMENT', says: ['memoryMb'] },
      );
    },
  ),
  deploy(
    'timeout-out-of-range',
    'A timeout that the platform does not have is refused with its range',
    [],
    (t) => {
      const { max } = t.capabilities.limits.timeoutSeconds;
      return refusedOverLive(
        t,
        { timeoutSeconds: Math.max(max + 1, 86_401) },
        { code: 'INVALID_ARGUMENT', says: ['timeoutSeconds'] },
      );
    },
  ),
  deploy('failed-init', 'A version that breaks while it starts does not go live', [], async (t) => {
    const { manager, deployment } = await t.deployed();
    const bad = await t.manager({ main: t.spec(BREAKING) });
    const error = await t.drive(
      t.refused(() => bad.deploy('main'), {
        code: 'FUNCTION_FAILED',
        says: ['told to break while it starts'],
      }),
    );
    assert.notEqual(error.step, undefined, 'the error names the step that failed');
    assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    assert.equal((await manager.describe('main'))?.liveVersion, deployment.version);
    assert.equal((await manager.deploy('main')).version, deployment.version);
  }),
  deploy(
    'failed-first',
    'A first deploy that fails leaves nothing that remove does not take away',
    [],
    async (t) => {
      const before = await t.subject.inventory();
      const manager = await t.manager({ main: t.spec(BREAKING) });
      await t.drive(t.refused(() => manager.deploy('main'), { code: 'FUNCTION_FAILED' }));
      assert.equal((await manager.describe('main'))?.liveVersion ?? null, null);
      await t.refused(() => manager.invoke('main', null), { code: 'NOT_FOUND' });
      await manager.remove('main');
      assert.deepEqual([...(await t.subject.inventory())].toSorted(), [...before].toSorted());
    },
  ),
  deploy(
    'unknown-name',
    'Deploying a name that is not configured says which there are',
    [],
    async (t) => {
      const manager = await t.manager();
      await t.withoutWrites(() =>
        t.refused(() => manager.deploy('mian'), {
          code: ['NOT_FOUND', 'INVALID_ARGUMENT'],
          says: ['mian', 'main'],
        }),
      );
    },
  ),
];
