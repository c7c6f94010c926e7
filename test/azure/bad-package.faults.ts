/**
 * A package that does not start: the deploy fails with its own error, the version before serves again with the
 * environment that is its own, and the same deploy, repaired, goes on from there.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { assertFirstRepaired } from '../support/bad-package/first-package.ts';
import { assertNothingLeft } from '../support/bad-package/nothing-left.ts';
import { BROKEN, handler, HANDLES } from '../support/bad-package/sources.ts';
import { whileTimePasses } from '../support/bad-package/while-time-passes.ts';
import { refusals, type Refusal } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertRefusal } = refusals(() => stage);

type AzureOptions = NonNullable<NonNullable<FunctionSpec['providerOptions']>['azure']>;

const KINDS: readonly (readonly [string, string, Refusal])[] = [
  [
    'throws',
    BROKEN.throws,
    {
      code: 'FUNCTION_FAILED',
      says: [/main/, /no database at b/, /version before is served again/],
    },
  ],
  [
    'exits',
    BROKEN.exits,
    {
      code: 'FUNCTION_FAILED',
      says: [/main/, /host|exit|start/i, /version before is served again/],
    },
  ],
  [
    'never ends to load',
    BROKEN.neverEnds,
    {
      code: 'FUNCTION_FAILED',
      says: [/main/, /host|start|answer/i, /version before is served again/],
    },
  ],
];

const PLANS: readonly (readonly [string, AzureOptions])[] = [
  ['flex', {}],
  ['premium', { plan: 'premium' }],
  ['consumption', { plan: 'consumption' }],
];

describe.each(PLANS)('on plan %s, code that', (plan, azure) => {
  // What ends without a word takes as long as a host may take to start: once is enough.
  const kinds = plan === 'flex' ? KINDS : KINDS.slice(0, 1);
  it.each(kinds)('%s', async (kind, source, refusal) => {
    const app = `bad-${plan}-${kind.replaceAll(' ', '-')}`;
    const of = (spec: FunctionSpec) =>
      stage.manager({
        app,
        // Who looks at a host waits while it starts, however long the simulated time is by then.
        limits: { attemptTimeoutSeconds: 900 },
        functions: { main: { memoryMb: 512, providerOptions: { azure }, ...spec } },
      });
    const first = await of({ source: handler('a'), env: { PLACE: 'a' } });
    const { version } = await first.deploy('main');
    const env = { PLACE: 'b', NEW: 'yes' };
    const memoryMb = plan === 'flex' ? 2048 : 512;
    const bad = await of({ source, handles: HANDLES, env, memoryMb });
    const error = await assertRefusal(refusal, () =>
      whileTimePasses(stage.clock, 5_000, () => bad.deploy('main')),
    );
    expect(error.details).toMatchObject({ phase: 'init' });

    const other = await of({ source: handler('a'), env: { PLACE: 'a' } });
    const served = { said: 'a', place: 'a', left: null };
    expect((await other.invoke('main')).output).toEqual(served);
    expect((await other.describe('main'))?.liveVersion).toBe(version);
    expect((await other.plan('main', { drift: 'full' })).steps.map(({ id }) => id)).toEqual([]);

    const repaired = await of({ source: handler('b'), env, memoryMb });
    await repaired.deploy('main');
    expect((await repaired.invoke('main')).output).toEqual({ said: 'b', place: 'b', left: 'yes' });
    expect((await repaired.deploy('main')).changed).toBe(false);
    expect((await repaired.rollback('main')).version).toBe(version);
    expect((await repaired.invoke('main')).output).toEqual(served);
    await repaired.remove('main');
    assertNothingLeft(stage, app);
  });
});

describe('a first package', () => {
  const refusal: Refusal = { code: 'FUNCTION_FAILED', says: [/too early/] };

  it('that does not load leaves nothing that serves; repaired, it does', () =>
    assertFirstRepaired(stage, { assertRefusal }, refusal));
});
