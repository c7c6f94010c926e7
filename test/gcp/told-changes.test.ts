/** What a plan says of a version that is to be built: each field that is another one, with what it was. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const OLD = {
  source: SOURCE,
  memoryMb: 1024,
  description: 'before',
  tags: { team: 'red' },
  maxInstances: 3,
  runtime: 'node22',
} satisfies FunctionSpec;
type Change = Pick<
  FunctionSpec,
  'description' | 'tags' | 'maxInstances' | 'concurrency' | 'runtime' | 'memoryMb'
>;

const CHANGES: readonly (readonly [string, Change, unknown, unknown])[] = [
  ['description', { description: 'after' }, 'before', 'after'],
  ['maxInstances', { maxInstances: 4 }, 3, 4],
  ['concurrency', { concurrency: 8 }, 1, 8],
  ['runtime', { runtime: 'node24' }, 'nodejs22', 'nodejs24'],
];

const managerOf = (name: string, change: Change = {}) =>
  stage.manager({ functions: { [name]: { ...OLD, ...change } } });

describe('a plan', () => {
  it('names what changes with the version', async () => {
    await (await managerOf('told')).deploy('told');
    for (const [subject, change, from, to] of CHANGES) {
      const { changes } = await (await managerOf('told', change)).plan('told');
      expect(changes.map((one) => one.subject)).toEqual(['version', subject]);
      expect(changes[1]).toEqual({ action: 'update', subject, from, to });
    }
    // Google has a limit of its own, so nobody knows what takes the place of one that is dropped.
    const { maxInstances: _, ...rest } = OLD;
    const dropped = await stage.manager({ functions: { told: rest } });
    const { changes } = await dropped.plan('told');
    expect(changes.map((one) => one.subject)).toEqual(['version']);
  });

  it('names tags that change, which are of no version', async () => {
    const plain = await managerOf('tagged');
    const { version } = await plain.deploy('tagged');
    for (const tags of [{ team: 'blue' }, {}]) {
      const { changes, warnings } = await (await managerOf('tagged', { tags })).plan('tagged');
      expect(changes).toEqual([
        { action: 'update', subject: 'tags', from: { team: 'red' }, to: tags },
      ]);
      expect(warnings.map(({ field }) => field)).toEqual(['functions.tagged.tags']);
    }
    const other = await managerOf('tagged', { tags: { team: 'blue' } });
    expect((await other.deploy('tagged')).version).toBe(version);
    expect((await other.plan('tagged')).warnings).toEqual([]);
    const { changes } = await plain.plan('tagged');
    expect(changes).toEqual([
      { action: 'update', subject: 'tags', from: { team: 'blue' }, to: { team: 'red' } },
    ]);
  });

  it('says nothing of the build of another version than the live one', async () => {
    const first = await managerOf('back');
    await first.deploy('back');
    await (await managerOf('back', { description: 'bad' })).deploy('back');
    await first.rollback('back');
    const { changes } = await (await managerOf('back', { memoryMb: 2048 })).plan('back');
    expect(changes.map((one) => one.subject)).toEqual(['version', 'memoryMb']);
  });
});
