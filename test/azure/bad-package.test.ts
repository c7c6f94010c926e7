/**
 * A package that does not start: the deploy fails with its own error, the version before serves again with the
 * environment that is its own, and the same deploy, repaired, goes on from there.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { refusals, type Refusal } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertRefusal } = refusals(() => stage);

type AzureOptions = NonNullable<NonNullable<FunctionSpec['providerOptions']>['azure']>;

/** Whether it loads, its environment decides: what cannot be loaded here either is refused before anything is sent. */
const handler = (answer: string): string =>
  `export const handler = async () => ({ said: '${answer}', place: process.env.PLACE ?? null, left: process.env.NEW ?? null });`;

const KINDS: readonly (readonly [string, string, Refusal])[] = [
  [
    'throws',
    `if (process.env.NEW) throw new TypeError('no database at ' + process.env.PLACE);\n${handler('b')}`,
    {
      code: 'FUNCTION_FAILED',
      says: [/main/, /no database at b/, /version before is served again/],
    },
  ],
  [
    'exits',
    `if (process.env.NEW) process.exit(3);\n${handler('b')}`,
    {
      code: 'FUNCTION_FAILED',
      says: [/main/, /host|exit|start/i, /version before is served again/],
    },
  ],
  [
    'never ends to load',
    `if (process.env.NEW) await new Promise((resolve) => setTimeout(resolve, 3_600_000));\n${handler('b')}`,
    {
      code: 'FUNCTION_FAILED',
      says: [/main/, /host|start|answer/i, /version before is served again/],
    },
  ],
];

/** A host that says nothing is waited for, and nobody else moves the clock meanwhile. */
async function whileTimePasses<Value>(work: () => Promise<Value>): Promise<Value> {
  const timer = setInterval(() => void stage.clock.advance(5_000), 250);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

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
        functions: { main: { memoryMb: 512, providerOptions: { azure }, ...spec } },
      });
    const first = await of({ source: handler('a'), env: { PLACE: 'a' } });
    const { version } = await first.deploy('main');
    const env = { PLACE: 'b', NEW: 'yes' };
    const memoryMb = plan === 'flex' ? 2048 : 512;
    const bad = await of({ source, env, memoryMb });
    const error = await assertRefusal(refusal, () => whileTimePasses(() => bad.deploy('main')));
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
    expect(stage.fake.inventory().filter((line) => line.includes(app))).toEqual([]);
  });
});

describe('a first package', () => {
  it('that does not load leaves nothing that serves; repaired, it does', async () => {
    const app = 'bad-first';
    const bad = await stage.manager({
      app,
      functions: {
        main: {
          source: `if (process.env.NEW) throw new RangeError('too early');\n${handler('b')}`,
          env: { NEW: 'yes' },
        },
      },
    });
    await assertRefusal({ code: 'FUNCTION_FAILED', says: [/too early/] }, () => bad.deploy('main'));
    await assertRefusal({ code: 'NOT_FOUND', says: [/main/] }, () => bad.invoke('main'));
    const good = await stage.manager({ app, functions: { main: { source: handler('a') } } });
    await good.deploy('main');
    expect((await good.invoke('main')).output).toMatchObject({ said: 'a' });
    await good.remove('main');
    expect(stage.fake.inventory().filter((line) => line.includes(app))).toEqual([]);
  });
});
