/** The look at everything reads values at the same time, and not one after the other. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const VALUE = /^GET \/v1\/projects\/[^/]+\/env\//;

it('of three versions', async () => {
  const of = (part: string) =>
    stage.manager({
      app: 'full',
      functions: {
        main: { source: 'export const handler = async () => 1;', env: { PART: part } },
      },
    });
  for (const part of ['a', 'b', 'c']) await (await of(part)).deploy('main');
  const manager = await of('c');
  // Each waits for all: of the keys, and of three environments.
  const all = Promise.withResolvers<undefined>();
  let asked = 0;
  for (let each = 0; each < 4; each += 1) {
    stage.fake.meanwhile.once('there', VALUE, () => {
      asked += 1;
      if (asked === 4) all.resolve(undefined);
      return all.promise;
    });
  }
  expect((await manager.plan('main', { drift: 'full' })).steps).toEqual([]);
  expect(asked).toBe(4);
});
