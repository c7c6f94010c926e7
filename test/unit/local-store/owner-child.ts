/** Opens the folder when a line arrives on stdin, says what came of it, and keeps it until it is ended. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openStore } from '../../../providers/local/store/index.ts';

const folder = process.argv[2] ?? '';
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  try {
    own();
    // A folder stays owned also when nobody refers to what opened it.
    setTimeout(() => {
      collectGarbage();
      process.stdout.write('owner\n');
    }, 50);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    process.stdout.write(`refused ${code}\n`);
  }
});

function own(): void {
  const store = openStore({ folder, durability: 'process' });
  store.db.exec('CREATE TABLE IF NOT EXISTS kept (value TEXT)');
  store.transaction(() => store.db.exec("INSERT INTO kept VALUES ('before the crash')"));
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  for (let turn = 0; turn < 5; turn += 1) if (typeof collect === 'function') collect();
}
