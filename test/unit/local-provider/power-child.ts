/** Stores code, mends it, and sets a secret, with the durability that its second parameter names. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodeStore } from '../../../providers/local/state/code-store.ts';
import { SecretFile } from '../../../providers/local/state/secrets.ts';
import { systemClock } from '../../../src/engine/system-clock.ts';

const [folder = '', durability] = process.argv.slice(2);
const kind = durability === 'power' ? 'power' : 'process';
const code = new CodeStore(folder, systemClock, kind);
const digest = 'a'.repeat(40);
const file = (path: string) => ({ path, mode: 0o644, bytes: Buffer.from('export {};') });
const artifact = {
  form: 'zip',
  digest,
  sizeBytes: 1,
  unpackedBytes: 1,
  entryFile: 'index.mjs',
  handles: [],
  signature: 'polyfaas',
  needsProcess: false,
  zip: () => Promise.resolve(new Uint8Array()),
  files: () => Promise.resolve([file('index.mjs'), file('lib/deep/a.mjs')]),
} as const;

await code.put(artifact);
writeFileSync(join(code.folderOf(digest), 'index.mjs'), '');
await code.put(artifact);
new SecretFile(folder, () => {}, kind).set('db', 'value');
