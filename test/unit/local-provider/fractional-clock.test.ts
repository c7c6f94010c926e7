import { expect, it } from 'vitest';
import type { Clock } from 'polyfaas/spi';
import { systemClock } from '../../../src/engine/system-clock.ts';
import { localOf, newShop } from './shop.ts';

const source = `export default {
  invoke: (input, { log }) => { log.info('seen', { input }); return input; },
  queue: () => {},
};`;

it('a clock that knows parts of milliseconds is a clock', async () => {
  const clock: Clock = {
    now: () => performance.timeOrigin + Math.floor(performance.now()) + 0.25,
    after: (delayMs, callback) => systemClock.after(delayMs, callback),
    sleep: (delayMs, signal) => systemClock.sleep(delayMs, signal),
  };
  const manager = await newShop().open(
    {
      hello: {
        source,
        events: [
          { type: 'queue', queue: 'orders' },
          { type: 'schedule', every: '5 minutes' },
        ],
        handles: ['invoke', 'queue', 'schedule'],
      },
    },
    { clock },
  );
  await manager.deploy('hello');
  expect((await manager.invoke('hello', 1)).output).toBe(1);
  await manager.invoke('hello', 2, { mode: 'async' });
  await localOf(manager).sources.queue('orders').send({ id: 7 });
  await expect
    .poll(async () => (await manager.metrics('hello', { last: '1h' })).invocations)
    .toBe(3);
  await manager.deploy('hello', { spec: { source: `${source} // new`, handles: ['invoke'] } });
  await manager.rollback('hello');
  expect((await manager.remove('hello')).removed).toBe(true);
});
