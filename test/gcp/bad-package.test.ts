/**
 * A package that does not build or start: the deploy fails with its own error, the version before goes on serving with
 * the environment that is its own, and the same deploy, repaired, goes on from there.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Whether it loads, its environment decides: what cannot be loaded here either is refused before anything is sent. */
const handler = (answer: string): string =>
  `export const handler = async () => ({ said: '${answer}', place: process.env.PLACE ?? null, left: process.env.NEW ?? null });`;

const KINDS: readonly (readonly [string, string, Refusal])[] = [
  [
    'throws',
    `if (process.env.NEW) throw new TypeError('no database at ' + process.env.PLACE);\n${handler('b')}`,
    { code: 'FUNCTION_FAILED', says: [/did not start/, /TypeError: no database at b/] },
  ],
  [
    'exits',
    `if (process.env.NEW) process.exit(3);\n${handler('b')}`,
    { code: 'FUNCTION_FAILED', says: [/main/, /did not start/, /exit|ended/] },
  ],
  [
    'never ends to load',
    `if (process.env.NEW) await new Promise((resolve) => setTimeout(resolve, 3_600_000));\n${handler('b')}`,
    { code: 'FUNCTION_FAILED', says: [/main/, /did not start/] },
  ],
  [
    'takes all memory',
    `const all = []; if (process.env.NEW) for (;;) all.push(new Array(1_000_000).fill(all.length));\n${handler('b')}`,
    { code: 'FUNCTION_FAILED', says: [/main/, /did not start/, /memoryMb/] },
  ],
];

/** An instance that says nothing is waited for, and nobody else moves the clock meanwhile. */
async function whileTimePasses<Value>(work: () => Promise<Value>): Promise<Value> {
  const timer = setInterval(() => void stage.clock.advance(5_000), 250);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

describe('code that', () => {
  it.each(KINDS)('%s', async (kind, source, refusal) => {
    const app = `bad-${kind.replaceAll(' ', '-')}`;
    // Who looks at an operation waits while an instance of it starts, however long the simulated time is by then.
    const limits = { attemptTimeoutSeconds: 900 };
    const of = (spec: FunctionSpec) => stage.manager({ app, limits, functions: { main: spec } });
    const first = await of({ source: handler('a'), env: { PLACE: 'a' } });
    const { version } = await first.deploy('main');
    const env = { PLACE: 'b', NEW: 'yes' };
    const bad = await of({ source, env, memoryMb: 512 });
    const error = await assertRefusal(refusal, () => whileTimePasses(() => bad.deploy('main')));
    expect(error.details).toMatchObject({ phase: 'init' });

    const served = { said: 'a', place: 'a', left: null };
    expect((await first.invoke('main')).output).toEqual(served);
    const other = await of({ source: handler('a'), env: { PLACE: 'a' } });
    expect((await other.invoke('main')).output).toEqual(served);
    expect((await other.describe('main'))?.liveVersion).toBe(version);

    const repaired = await of({ source: handler('b'), env, memoryMb: 512 });
    await repaired.deploy('main');
    expect((await repaired.invoke('main')).output).toEqual({ said: 'b', place: 'b', left: 'yes' });
    expect((await repaired.deploy('main')).changed).toBe(false);
    expect((await repaired.plan('main', { drift: 'full' })).steps).toEqual([]);
    expect((await repaired.rollback('main')).version).toBe(version);
    expect((await repaired.invoke('main')).output).toEqual(served);
    await repaired.remove('main');
    expect(stage.fake.inventory().filter((line) => line.includes(app))).toEqual([]);
  });
});

describe('a source that does not build', () => {
  it('is told with what the build said, and where its log is', async () => {
    const app = 'bad-lock';
    const of = (spec: FunctionSpec) => stage.manager({ app, functions: { main: spec } });
    const first = await of({ source: handler('a'), env: { PLACE: 'a' } });
    const { version } = await first.deploy('main');
    // `npm ci` of the build takes no lockfile of something else.
    const lock = join(stage.root, 'package-lock.json');
    const other = { lockfileVersion: 3, packages: { '': { dependencies: { express: '^5.0.0' } } } };
    await writeFile(lock, JSON.stringify(other));
    const wish: FunctionSpec = { source: handler('b'), env: { PLACE: 'b' } };
    const bad = await of({ ...wish, package: { include: ['package-lock.json'] } });
    const error = await assertRefusal(
      {
        code: 'INVALID_ARGUMENT',
        says: [/build failed/i, /package-lock\.json/, /https:\/\/console\.cloud\.google\.com/],
      },
      () => bad.deploy('main'),
    );
    expect(error.details).toMatchObject({ phase: 'build' });
    await rm(lock);

    expect((await first.invoke('main')).output).toMatchObject({ said: 'a', place: 'a' });
    expect((await (await of(wish)).describe('main'))?.liveVersion).toBe(version);
    const repaired = await of(wish);
    await repaired.deploy('main');
    expect((await repaired.invoke('main')).output).toMatchObject({ said: 'b', place: 'b' });
    expect((await repaired.deploy('main')).changed).toBe(false);
    await repaired.remove('main');
    expect(stage.fake.inventory().filter((line) => line.includes(app))).toEqual([]);
  });
});

describe('after a deploy that failed', () => {
  it('the version before, declared again, is what is there: nothing is built', async () => {
    const app = 'bad-and-back';
    const of = (spec: FunctionSpec) => stage.manager({ app, functions: { main: spec } });
    const good: FunctionSpec = { source: handler('a'), env: { PLACE: 'a' } };
    await (await of(good)).deploy('main');
    const [, source] = KINDS[0] ?? [];
    const bad = await of({ source: source ?? '', env: { NEW: 'yes' } });
    await assertRefusal({ code: 'FUNCTION_FAILED', says: [/no database/] }, () =>
      bad.deploy('main'),
    );
    const back = await of(good);
    const calls = await stage.during(() => back.deploy('main'));
    expect(calls.filter((call) => /^functions (?:POST|PATCH)/.test(call))).toEqual([]);
    expect((await back.deploy('main')).changed).toBe(false);
    expect((await back.plan('main', { drift: 'full' })).steps).toEqual([]);
    expect((await back.invoke('main')).output).toMatchObject({ said: 'a' });
    await back.remove('main');
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
    await assertRefusal({ code: 'FUNCTION_FAILED', says: [/RangeError: too early/] }, () =>
      bad.deploy('main'),
    );
    await assertRefusal({ code: 'NOT_FOUND', says: [/main/] }, () => bad.invoke('main'));
    const good = await stage.manager({ app, functions: { main: { source: handler('a') } } });
    await good.deploy('main');
    expect((await good.invoke('main')).output).toMatchObject({ said: 'a' });
    await good.remove('main');
    expect(stage.fake.inventory().filter((line) => line.includes(app))).toEqual([]);
  });

  it('that does not load can be removed', async () => {
    const app = 'bad-and-gone';
    const source = `if (process.env.NEW) throw new RangeError('too early');\n${handler('b')}`;
    const functions = { main: { source, env: { NEW: 'yes' } } };
    const bad = await stage.manager({ app, functions });
    await assertRefusal({ code: 'FUNCTION_FAILED', says: [/too early/] }, () => bad.deploy('main'));
    expect(await bad.remove('main')).toEqual({ removed: true });
    expect(stage.fake.inventory().filter((line) => line.includes(app))).toEqual([]);
  });
});
