import type { ServerlessManager } from 'polyfaas';
import { LOCAL } from 'polyfaas/local';
import { describe, expect, it } from 'vitest';
import { newShop } from './shop.ts';

/** The messages of the function's own log, of the level `error`, with their requests. */
async function errorsOf(manager: ServerlessManager): Promise<readonly (string | undefined)[][]> {
  const lines: (string | undefined)[][] = [];
  for await (const { message, requestId } of manager.logs('hello', {
    last: '1h',
    minLevel: 'error',
  }))
    lines.push([requestId, message]);
  return lines;
}

describe('a call that its instance could not tell the log of', () => {
  it.each([
    ['took too long', 'for (;;);', { timeoutSeconds: 1 }, 'TIMEOUT', /did not answer within 1 s/],
    ['ended its instance', 'process.exit(3)', {}, 'FUNCTION_FAILED', /ended with code 3/],
  ])('because it %s is in the log all the same, once', async (_why, does, settings, code, says) => {
    const source = `export default { invoke: () => { ${does} } };`;
    const manager = await newShop().open({ hello: { source, ...settings } });
    await manager.deploy('hello');
    await expect(manager.invoke('hello', null, { requestId: 'r-1' })).rejects.toMatchObject({
      code,
    });
    expect(await errorsOf(manager)).toEqual([['r-1', expect.stringMatching(says)]]);
  });

  it('leaves a handler that throws to its instance, which tells it once', async () => {
    const source = `export default { invoke: () => { throw new Error('no room'); } };`;
    const manager = await newShop().open({ hello: { source } });
    await manager.deploy('hello');
    const failing = manager.invoke('hello', null, { requestId: 'r-2' });
    await expect(failing).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
    expect(await errorsOf(manager)).toEqual([['r-2', 'The invoke handler failed: Error: no room']]);
  });
});

describe('a message that is dropped', () => {
  it('is in the log even if no call of its handler failed', async () => {
    const source = `export default { queue: ({ messages }) => ({ retry: messages.map(({ id }) => id) }) };`;
    const retry = { maxAttempts: 1 };
    const manager = await newShop().open({
      hello: { source, events: [{ type: 'queue', queue: 'orders', retry }] },
    });
    await manager.deploy('hello');
    const local = manager.native(LOCAL);
    const sent = await local?.sources.queue('orders').send({ key: 'secret' });
    await local?.settle();
    expect(await errorsOf(manager)).toEqual([
      [
        undefined,
        `The event ${sent?.id} of queue:orders was dropped after 1 attempt. Retry: The handler asked for another delivery.`,
      ],
    ]);
  });
});
