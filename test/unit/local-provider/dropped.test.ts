/** What still waits for an event, or a function, that is taken away. */
import { describe, expect, it } from 'vitest';
import { localOf, newShop } from './shop.ts';

const source = `
  import { defineFunction } from 'polyfaas/function';
  export default defineFunction({
    topic: () => { throw new Error('not today'); },
  });`;

describe('events that wait for a topic', () => {
  it.each(['removeEvent', 'remove'] as const)('and are dropped by %s are told', async (method) => {
    const shop = newShop();
    const logged: string[] = [];
    const retry = { maxAttempts: 5, backoff: 'fixed', delaySeconds: 600 } as const;
    const log = { log: (_level: string, message: string) => void logged.push(message) };
    const manager = await shop.open(
      { hello: { source, events: [{ type: 'topic', id: 'news', topic: 'news', retry }] } },
      { log },
    );
    await manager.deploy('hello');
    await localOf(manager).sources.topic('news').publish('twice');
    await expect.poll(async () => (await manager.metrics('hello', { last: '1h' })).errors).toBe(1);
    const { removed, warnings } =
      method === 'remove'
        ? await manager.remove('hello')
        : await manager.removeEvent('hello', 'news');
    expect(removed).toBe(true);
    expect(warnings).toEqual([
      { type: 'other', message: expect.stringMatching(/topic.*1 name none and were dropped/) },
    ]);
    expect(logged.filter((line) => line.includes('were dropped'))).toHaveLength(1);
  });
});
