/** Opens a folder, closes it while nothing in it may be changed, and opens it again when it may. */
import { chmodSync, chownSync } from 'node:fs';
import { openStore } from '../../../providers/local/store/index.ts';

const NOBODY = 65_534;
const folder = process.argv[2] ?? '';
// Permissions mean nothing to root.
if (process.getuid?.() === 0) {
  chownSync(folder, NOBODY, NOBODY);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}

const said = (what: string, work: () => void): void => {
  try {
    work();
    process.stdout.write(`${what}\n`);
  } catch (error) {
    process.stdout.write(`not ${what}: ${String(error)}\n`);
  }
};

const first = openStore({ folder, durability: 'process' });
chmodSync(folder, 0o500);
said('closed', () => first.close());
chmodSync(folder, 0o700);
said('opened again', () => openStore({ folder, durability: 'process' }).close());
process.stdout.write('done\n');
