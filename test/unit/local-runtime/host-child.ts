/**
 * A host with one instance. Parameters: the folder of the code, the isolation, and whether to `wait` (it ends itself at
 * a line on stdin), to `rest`: it ends when nothing keeps it alive, or to call it `twice`, the second time after a rest.
 */
import { LocalInstancePool } from '../../../providers/local/runtime/pool.ts';
import { systemClock } from '../../../src/engine/system-clock.ts';
import { call, poolSettings } from './pool-settings.ts';

const [folder = '', isolation, mode] = process.argv.slice(2);
const pool = new LocalInstancePool(
  poolSettings(folder, { isolation: isolation === 'thread' ? 'thread' : 'process' }),
  { log: () => {}, warn: () => {} },
  systemClock,
);
if (mode === 'wait') process.stdin.once('data', () => process.exit(0));
await pool.call(call());
if (mode === 'twice') {
  // Nothing but the pool keeps this alive.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await pool.call(call()).then(
    () => console.log('answered'),
    (error: unknown) => console.log(`failed: ${error instanceof Error ? error.message : ''}`),
  );
}
