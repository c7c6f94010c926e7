/**
 * A package that does not build or start: the deploy fails with its own error, the version before goes on serving with
 * the environment that is its own, and the same deploy, repaired, goes on from there.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { assertBackAgain } from '../support/bad-package/back-again.ts';
import { assertFirstRemoved, assertFirstRepaired } from '../support/bad-package/first-package.ts';
import { assertNothingLeft } from '../support/bad-package/nothing-left.ts';
import { assertServedAndRepaired } from '../support/bad-package/served-and-repaired.ts';
import { BROKEN, handler } from '../support/bad-package/sources.ts';
import { whileTimePasses } from '../support/bad-package/while-time-passes.ts';
import { refusals, type Refusal } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertRefusal } = refusals(() => stage);

const KINDS: readonly (readonly [string, string, Refusal])[] = [
  [
    'throws',
    BROKEN.throws,
    { code: 'FUNCTION_FAILED', says: [/did not start/, /TypeError: no database at b/] },
  ],
  [
    'exits',
    BROKEN.exits,
    { code: 'FUNCTION_FAILED', says: [/main/, /did not start/, /exit|ended/] },
  ],
  [
    'never ends to load',
    BROKEN.neverEnds,
    { code: 'FUNCTION_FAILED', says: [/main/, /did not start/] },
  ],
  [
    'takes all memory',
    BROKEN.takesAllMemory,
    { code: 'FUNCTION_FAILED', says: [/main/, /did not start/, /memoryMb/] },
  ],
];

describe('code that', () => {
  it.each(KINDS)('%s', async (kind, source, refusal) => {
    const app = `bad-${kind.replaceAll(' ', '-')}`;
    // Who looks at an operation waits while an instance of it starts, however long the simulated time is by then.
    const limits = { attemptTimeoutSeconds: 900 };
    const of = (spec: FunctionSpec) => stage.manager({ app, limits, functions: { main: spec } });
    const isSilent = kind === 'never ends to load';
    await assertServedAndRepaired(of, { source, memoryMb: 512 }, async (deploy) => {
      const error = await assertRefusal(refusal, () =>
        isSilent ? whileTimePasses(stage.clock, 5_000, deploy) : deploy(),
      );
      expect(error.details).toMatchObject({ phase: 'init' });
    });
    assertNothingLeft(stage, app);
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
    assertNothingLeft(stage, app);
  });
});

describe('after a deploy that failed', () => {
  it('the version before, declared again, is what is there: nothing is built', () =>
    assertBackAgain(stage, { assertRefusal }, (call) => /^functions (?:POST|PATCH)/.test(call)));
});

describe('a first package', () => {
  const refusal: Refusal = { code: 'FUNCTION_FAILED', says: [/RangeError: too early/] };

  it('that does not load leaves nothing that serves; repaired, it does', () =>
    assertFirstRepaired(stage, { assertRefusal }, refusal));

  it('that does not load can be removed', () =>
    assertFirstRemoved(stage, { assertRefusal }, refusal));
});
