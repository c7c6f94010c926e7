/** How much environment fits: what is promised, and what is counted, beside that of the version before. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secret, type FunctionSpec, type ServerlessError } from 'polyfaas';
import { CAPABILITIES } from '../../providers/vercel/capabilities.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const SOURCE = `export default {
  invoke: async (names) => names.map((name) => process.env[name]?.length ?? null),
  schedule: async () => {},
};`;

const managerOf = (name: string, env: FunctionSpec['env']) =>
  stage.manager({
    functions: {
      [name]: { source: SOURCE, env, events: [{ type: 'schedule', cron: '0 5 * * *' }] },
    },
  });

/** Both at once: a version that is deployed stands beside the one before. */
async function deployTwice(name: string, of: (letter: string) => FunctionSpec['env']) {
  await (await managerOf(name, of('a'))).deploy(name);
  const manager = await managerOf(name, of('b'));
  await manager.deploy(name);
  return manager;
}

describe('the environment', () => {
  it('has as many bytes of names and values as are promised', async () => {
    const names = Array.from(
      { length: 100 },
      (_, index) => `NAME_${String(index).padStart(3, '0')}`,
    );
    const length = CAPABILITIES.limits.envBytes / 100 - 8;
    const manager = await deployTwice('promised', (letter) =>
      Object.fromEntries(names.map((name) => [name, letter.repeat(length)])),
    );
    expect((await manager.invoke('promised', names)).output).toEqual(names.map(() => length));
  });

  it('is counted as it is sent, with what is ours', async () => {
    // Each is two bytes of JSON.
    const quotes = (count: number, more: FunctionSpec['env'] = {}) => ({
      Q: '"'.repeat(count),
      ...more,
    });
    const manager = await deployTwice('counted', (letter) => quotes(16_236, { Z: letter }));
    expect((await manager.invoke('counted', ['Q', 'Z'])).output).toEqual([16_236, 1]);

    const refusalOf = async (env: FunctionSpec['env']): Promise<string> =>
      (await managerOf('refused', env)).plan('refused').then(
        () => 'nothing',
        (error: ServerlessError) => `${error.code} ${error.message}`,
      );
    expect(await refusalOf(quotes(16_240))).toBe('nothing');
    expect(await refusalOf(quotes(16_241))).toMatch(/^INVALID_ARGUMENT .*32490.*at most 32489 fit/);
    const name = 'a-secret-with-a-long-name';
    expect(await refusalOf(quotes(16_240, { S: secret(name) }))).toMatch(/at most 32476 fit/);
  });
});
