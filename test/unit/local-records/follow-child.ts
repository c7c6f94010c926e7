/** Follows the log of a function that nobody calls, with nothing else to do, until what its second parameter names. */
import {
  createCallRecords,
  DEFAULT_RECORD_LIMITS,
} from '../../../providers/local/records/index.ts';
import { openStore } from '../../../providers/local/store/index.ts';
import { systemClock } from '../../../src/engine/system-clock.ts';

const [folder = '', end] = process.argv.slice(2);
const store = openStore({ folder, durability: 'process' });
const records = createCallRecords(store, systemClock, DEFAULT_RECORD_LIMITS, console.error);
const ref = { app: 'shop', stage: 'dev', name: 'orders' };
const controller = new AbortController();

// As the platform's own clock: it holds no process.
systemClock.after(300, () => {
  const entry = { timeMs: Date.now(), level: 'info', message: 'tick', instanceId: 'a' } as const;
  records.addLog(ref, '1', entry);
});

const query = { from: new Date(0).toISOString(), to: '', limit: 10, follow: true };
process.stdout.write('following\n');
for await (const { message } of records.logs(ref, query, controller.signal)) {
  process.stdout.write(`line ${message}\n`);
  if (end === 'break') break;
  // The reader waits for the next line by then.
  systemClock.after(50, () => (end === 'abort' ? controller.abort() : records.close()));
}
process.stdout.write('done\n');
