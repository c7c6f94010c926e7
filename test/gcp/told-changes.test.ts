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
  ['tags', { tags: { team: 'blue' } }, { team: 'red' }, { team: 'blue' }],
  ['tags', { tags: {} }, { team: 'red' }, {}],
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

  it('says nothing of the build of another version than the live one', async () => {
    const first = await managerOf('back');
    await first.deploy('back');
    await (await managerOf('back', { description: 'bad' })).deploy('back');
    await first.rollback('back');
    const { changes } = await (await managerOf('back', { memoryMb: 2048 })).plan('back');
    expect(changes.map((one) => one.subject)).toEqual(['version', 'memoryMb']);
  });
});
