import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

// It gets its token and its settings before that, and every cold start waits for it.
it('an instance comes to its first call without loading fetch', async () => {
  const loaded = `process.moduleLoadList.includes('NativeModule internal/deps/undici/undici')`;
  const source = `export default { invoke: (ask) => (ask === 'load' && new Response(), ${loaded}) };`;
  const manager = await stage.manager({ app: 'first-call', functions: { main: { source } } });
  await manager.deploy('main');
  expect((await manager.invoke('main', 'look')).output).toBe(false);
  expect((await manager.invoke('main', 'load')).output).toBe(true);
});
