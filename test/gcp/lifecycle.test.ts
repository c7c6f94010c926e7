/** A whole life of a function, against a fake that speaks Google's wire and really builds and runs the source. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { assertComesBack, assertFound, assertWholeLife } from '../support/life/whole-life.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

describe('a function on Google Cloud', () => {
  it('is deployed, called, changed, rolled back and removed', () =>
    assertWholeLife(stage, { minInstances: 1 }));

  it('comes back after it was removed', () => assertComesBack(stage));

  it('is found by whoever has the same declaration, and listed', () => assertFound(stage));
});
