/**
 * A package that does not start, or is too large: the deploy fails with its own error, the version before goes on serving
 * with the environment that is its own, and the same deploy, repaired, goes on from there.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import type { ProviderFactory, ServerlessProvider } from 'polyfaas/spi';
import { createVercelProvider } from 'polyfaas/vercel';
import { EVENTS_SOURCE, refusals, type Refusal } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertEarly, assertRefusal } = refusals(() => stage);

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
    { code: 'FUNCTION_FAILED', says: [/main/, /process\.exit/, /logs/] },
  ],
  [
    'never ends to load',
    `if (process.env.NEW) await new Promise((resolve) => setTimeout(resolve, 3_600_000));\n${handler('b')}`,
    { code: 'TIMEOUT', says: [/See that the version answers/, /180 s/, /Run the same operation/] },
  ],
  [
    'takes all memory',
    `const all = []; if (process.env.NEW) for (;;) all.push(new Array(1_000_000).fill(all.length));\n${handler('b')}`,
    { code: 'FUNCTION_FAILED', says: [/main/, /memoryMb/] },
  ],
];

/** An instance that says nothing is waited for, and nobody else moves the clock meanwhile. */
async function whileTimePasses<Value>(work: () => Promise<Value>): Promise<Value> {
  const timer = setInterval(() => void stage.clock.advance(20_000), 250);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

const leftOf = (app: string): readonly string[] =>
  stage.fake.inventory().filter((line) => line.includes(app));

describe('code that', () => {
  it.each(KINDS)('%s', async (kind, source, refusal) => {
    const app = `bad-${kind.replaceAll(' ', '-')}`;
    const of = (spec: FunctionSpec) => stage.manager({ app, functions: { main: spec } });
    const first = await of({ source: handler('a'), env: { PLACE: 'a' } });
    const { version } = await first.deploy('main');
    const env = { PLACE: 'b', NEW: 'yes' };
    const bad = await of({ source, env, memoryMb: 128 });
    const isSilent = refusal.code === 'TIMEOUT';
    await assertRefusal(refusal, () =>
      isSilent ? whileTimePasses(() => bad.deploy('main')) : bad.deploy('main'),
    );

    const served = { said: 'a', place: 'a', left: null };
    expect((await first.invoke('main')).output).toEqual(served);
    const other = await of({ source: handler('a'), env: { PLACE: 'a' } });
    expect((await other.invoke('main')).output).toEqual(served);
    expect((await other.describe('main'))?.liveVersion).toBe(version);

    const repaired = await of({ source: handler('b'), env, memoryMb: 128 });
    await repaired.deploy('main');
    expect((await repaired.invoke('main')).output).toEqual({ said: 'b', place: 'b', left: 'yes' });
    expect((await repaired.deploy('main')).changed).toBe(false);
    expect((await repaired.plan('main', { drift: 'full' })).steps).toEqual([]);
    expect((await repaired.rollback('main')).version).toBe(version);
    expect((await repaired.invoke('main')).output).toEqual(served);
    await repaired.remove('main');
    expect(leftOf(app)).toEqual([]);
  });

  it.each<readonly [string, string, readonly RegExp[]]>([
    ['is no JavaScript', 'export const handler = async () => {', [/main/, /Expected|Unexpected/]],
    ['does not load anywhere', `throw new Error('never');\n${handler('b')}`, [/main/, /never/]],
    ['needs what is not there', `import 'not-installed';\n${handler('b')}`, [/not-installed/]],
  ])('%s: nothing is made', async (_what, source, says) => {
    const manager = await stage.manager({ app: 'bad-here', functions: { main: { source } } });
    await assertEarly({ code: 'INVALID_ARGUMENT', says }, () => manager.deploy('main'));
  });
});

describe('after a deploy that failed', () => {
  it('the version before, declared again, is what is there: nothing is deployed', async () => {
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
    expect(calls.filter((call) => call.startsWith('POST v13/'))).toEqual([]);
    expect((await back.deploy('main')).changed).toBe(false);
    expect((await back.plan('main', { drift: 'full' })).steps).toEqual([]);
    expect((await back.invoke('main')).output).toMatchObject({ said: 'a' });
    await back.remove('main');
    expect(leftOf(app)).toEqual([]);
  });
});

describe('a first package', () => {
  const source = `if (process.env.NEW) throw new RangeError('too early');\n${handler('b')}`;
  const early: FunctionSpec = { source, env: { NEW: 'yes' } };
  const refusal: Refusal = { code: 'FUNCTION_FAILED', says: [/RangeError: too early/] };

  it('that does not load leaves nothing that serves; repaired, it does', async () => {
    const app = 'bad-first';
    const bad = await stage.manager({ app, functions: { main: early } });
    await assertRefusal(refusal, () => bad.deploy('main'));
    await assertRefusal({ code: 'NOT_FOUND', says: [/main/] }, () => bad.invoke('main'));
    const good = await stage.manager({ app, functions: { main: { source: handler('a') } } });
    await good.deploy('main');
    expect((await good.invoke('main')).output).toMatchObject({ said: 'a' });
    await good.remove('main');
    expect(leftOf(app)).toEqual([]);
  });

  it('that does not load can be removed', async () => {
    const app = 'bad-and-gone';
    const bad = await stage.manager({ app, functions: { main: early } });
    await assertRefusal(refusal, () => bad.deploy('main'));
    expect(await bad.remove('main')).toEqual({ removed: true });
    expect(leftOf(app)).toEqual([]);
  });
});

describe('a package with', () => {
  /** As Vercel's, with less room. */
  const small =
    (limits: ServerlessProvider['packaging']['limits']): ProviderFactory =>
    (parts) => {
      const provider = createVercelProvider(parts);
      return { ...provider, packaging: { ...provider.packaging, limits } };
    };
  const room = 10_000_000;

  it.each([
    ['too large a zip', { zipBytes: 60_000, unpackedBytes: room }, /60000 bytes/],
    ['too much in it', { zipBytes: room, unpackedBytes: 150_000 }, /150000 bytes/],
  ])('%s: nothing is made', async (_what, limits, says) => {
    await writeFile(join(stage.root, 'large.bin'), crypto.getRandomValues(new Uint8Array(60_000)));
    const spec: FunctionSpec = { source: handler('a'), package: { include: ['large.bin'] } };
    const config = { app: 'bad-large', functions: { main: spec } };
    const manager = await stage.manager(config, small(limits));
    await assertEarly({ code: 'PAYLOAD_TOO_LARGE', says: [/main/, says, /package\.include/] }, () =>
      manager.deploy('main'),
    );
  });

  it('more files than are noted: its events are changed with it alone', async () => {
    const app = 'many-files';
    const folder = join(stage.root, 'many');
    await mkdir(folder);
    const files = Array.from({ length: 1600 }, (_, index) => `many/${index}.txt`);
    await Promise.all(files.map((file) => writeFile(join(stage.root, file), file)));
    const event = { type: 'http', id: 'route', path: '/orders' } as const;
    const main: FunctionSpec = { source: EVENTS_SOURCE, package: { include: ['many/**'] } };
    const manager = await stage.manager({ app, functions: { main } });
    await manager.deploy('main');
    await assertEarly(
      { code: 'CONFLICT', says: [/too many of them/, /Declare the events/, /deploy "main"/] },
      () => manager.configureEvent('main', event),
    );
    const declared = await stage.manager({
      app,
      functions: { main: { ...main, events: [event] } },
    });
    const { steps } = await declared.plan('main');
    expect(JSON.stringify(steps)).toContain('"source":"artifact"');
    await rm(folder, { recursive: true });
  });
});
