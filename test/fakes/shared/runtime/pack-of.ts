import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKER = fileURLToPath(new URL('pack-modules.cjs', import.meta.url));
const LOADER = fileURLToPath(new URL('module-pack.cjs', import.meta.url));
const NODE_MODULES = fileURLToPath(new URL('../../../../node_modules', import.meta.url));

/**
 * The file of a pack that holds these modules and all that they load. It is written once for each version of Node, of
 * what is installed, and of the packing itself.
 *
 * @param entries file names
 */
export function packOf(entries: readonly string[]): string {
  const key = createHash('sha256').update(JSON.stringify([process.version, process.arch, entries]));
  for (const file of [PACKER, LOADER, join(NODE_MODULES, '.package-lock.json')])
    if (existsSync(file)) key.update(readFileSync(file));
  const name = `${key.digest('hex').slice(0, 32)}.pack`;
  const pack = join(NODE_MODULES, '.cache', 'polyfaas-packs', name);
  // What goes wrong is no fault of a test: without a pack the modules are found as ever.
  if (!existsSync(pack))
    spawnSync(process.execPath, [PACKER, pack, ...entries], { env: {}, stdio: 'ignore' });
  return pack;
}
