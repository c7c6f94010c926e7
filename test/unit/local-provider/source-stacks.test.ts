import { describe, expect, it } from 'vitest';
import { newShop } from './shop.ts';

const FILES = {
  'functions/orders.ts': `
import { helper } from './helper.ts';
export default {
  invoke: (order: { id: number }) => {
    console.error(new Error('seen'));
    return helper(order.id);
  },
};`,
  'functions/helper.ts': `
export function helper(id: number): number {
  if (id > 1) {
    throw new RangeError('too large', { cause: new Error('of too many') });
  }
  return id;
}`,
  'functions/broken.ts': `
const settings: { url?: string } = {};
if (process.env['RUNS'] === 'yes') new URL(settings.url ?? 'nowhere');
export const handler = async () => 1;`,
};

describe.each(['thread', 'process'] as const)('stacks of code in a %s', (isolation) => {
  const providerOptions = { local: { isolation } };

  it('name the files of the user, in errors and in the log', async () => {
    const shop = newShop();
    shop.write(FILES);
    const manager = await shop.open({ orders: { entry: 'functions/orders.ts', providerOptions } });
    await manager.deploy('orders');
    const failure: unknown = await manager.invoke('orders', { id: 5 }).catch((error) => error);
    const stack = /at helper \(functions\/helper\.ts:4:11\)\n\s+at .*functions\/orders\.ts:6:12/;
    expect(failure).toMatchObject({
      cause: {
        stack: expect.stringMatching(stack),
        cause: { stack: expect.stringContaining('functions/helper.ts:4:') },
      },
    });
    const logged: string[] = [];
    for await (const entry of manager.logs('orders', { last: '1h' })) {
      logged.push(JSON.stringify(entry));
    }
    const all = logged.join('\n');
    expect(all).toMatch(/Error: seen.*functions\/orders\.ts:5:19/s);
    expect(all).toMatch(/RangeError: too large.*functions\/helper\.ts:4:11/s);
    expect(all).not.toContain('index.mjs:');
  });

  it('name them in each error that is logged, whatever its field is called', async () => {
    const shop = newShop();
    shop.write({
      'functions/logging.ts': `
import type { FunctionContext } from 'polyfaas/function';
export default {
  invoke(_input: null, { log }: FunctionContext) {
    const cause = new Error('because');
    const error = new Error('first', { cause });
    log.error('all', { failure: error, order: { attempts: [{ failed: new Error('second') }] } });
    log.error('one', error);
    return null;
  },
};`,
    });
    const manager = await shop.open({
      logging: { entry: 'functions/logging.ts', providerOptions },
    });
    await manager.deploy('logging');
    await manager.invoke('logging', null);
    const at = (line: number): object => ({
      stack: expect.stringContaining(`functions/logging.ts:${line}:`),
    });
    const logged: unknown[] = [];
    for await (const { message, fields } of manager.logs('logging', { last: '1h' })) {
      logged.push([message, fields]);
      expect(JSON.stringify(fields)).not.toContain('index.mjs:');
    }
    expect(logged).toMatchObject([
      ['all', { failure: { ...at(6), cause: at(5) }, order: { attempts: [{ failed: at(7) }] } }],
      ['one', { error: { ...at(6), cause: at(5) } }],
    ]);
  });

  it('name them where the code fails as it is loaded', async () => {
    const shop = newShop();
    shop.write(FILES);
    const broken = {
      entry: 'functions/broken.ts',
      handles: ['invoke'] as const,
      env: { RUNS: 'yes' },
      providerOptions,
    };
    const manager = await shop.open({ broken });
    const failure: unknown = await manager.deploy('broken').catch((error) => error);
    expect(failure).toMatchObject({
      cause: { stack: expect.stringMatching(/functions\/broken\.ts:3:\d+/) },
    });
  });
});
