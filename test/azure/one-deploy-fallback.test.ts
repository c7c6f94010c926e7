/** Where Resource Manager's One Deploy does not take a package, the function app's own SCM site does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const code = (answer: string) => ({ source: `export const handler = async () => '${answer}';` });

describe.each([400, 404, 405] as const)('when One Deploy answers with %i', (status) => {
  it('the package is published all the same, and rolled back', async () => {
    const { behaviour } = stage.fake.world.web;
    behaviour.oneDeployStatus = status;
    try {
      const app = `fallback-${status}`;
      const first = await stage.manager({ app, functions: { main: code('a') } });
      const calls = await stage.during(() => first.deploy('main'));
      expect(calls).toContain('scm POST /api/publish');
      expect((await first.invoke('main')).output).toBe('a');
      const second = await stage.manager({ app, functions: { main: code('b') } });
      await second.deploy('main');
      expect((await second.invoke('main')).output).toBe('b');
      await second.rollback('main');
      expect((await second.invoke('main')).output).toBe('a');
      expect((await first.deploy('main')).changed).toBe(false);
      await second.remove('main');
    } finally {
      behaviour.oneDeployStatus = 200;
    }
  });
});
