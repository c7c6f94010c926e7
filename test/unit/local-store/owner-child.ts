/** Opens the folder when a line arrives on stdin, says what came of it, and keeps it until it is ended. */
import { openStore } from '../../../providers/local/store/index.ts';

const folder = process.argv[2] ?? '';
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  try {
    const store = openStore({ folder, durability: 'process' });
    store.db.exec('CREATE TABLE IF NOT EXISTS kept (value TEXT)');
    store.transaction(() => store.db.exec("INSERT INTO kept VALUES ('before the crash')"));
    process.stdout.write('owner\n');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    process.stdout.write(`refused ${code}\n`);
  }
});
