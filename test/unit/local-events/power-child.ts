/** Puts one object with the durability that its second parameter names. */
import { createEventPlatform } from '../../../providers/local/events/index.ts';
import { openStore } from '../../../providers/local/store/index.ts';
import { systemClock } from '../../../src/engine/system-clock.ts';

const [folder = '', durability] = process.argv.slice(2);
const store = openStore({ folder, durability: durability === 'power' ? 'power' : 'process' });
const platform = createEventPlatform({
  store,
  dispatch: () => Promise.resolve(null),
  clock: systemClock,
  random: Math.random,
  warn: () => {},
  tell: () => {},
});
await platform.sources.bucket('photos').put('a', 'bytes');
store.close();
