/** What becomes of an event whose handler runs when its function is removed. */
import { LOCAL } from 'polyfaas/local';
import { expect, it } from 'vitest';
import { newShop } from './shop.ts';

it('an event under way when its function is removed is a dead letter, and counted', async () => {
  const source = `export default { topic: (message, { log }) => {
    log.info('begun');
    return new Promise(() => {});
  } };`;
  const manager = await newShop().open({
    hello: { source, events: [{ type: 'topic', topic: 'news', deadLetter: 'dead' }] },
  });
  await manager.deploy('hello');
  const local = manager.native(LOCAL);
  await local?.sources.topic('news').publish(1);
  await expect
    .poll(async () => {
      const lines: string[] = [];
      for await (const { message } of manager.logs('hello', { last: '1h' })) lines.push(message);
      return lines;
    })
    .toEqual(['begun']);
  const { warnings } = await manager.remove('hello');
  expect(JSON.stringify(warnings)).toContain('1 went to the dead letter');
  await local?.settle();
  const letters = await local?.sources.deadLetters('dead').list();
  expect(letters?.map(({ data, attempts, lastError }) => [data, attempts, lastError])).toEqual([
    [1, 1, 'Removed: The function was removed before the event was handled.'],
  ]);
});
