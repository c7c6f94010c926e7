/**
 * The limit: the bundler and deflate, and the least of a zip around it. `node package-bare.mjs <root> <entry> <zip> [same]`
 * With `same` it asks the bundler for all that ours asks for: a source map, and the list of inputs.
 */
import { writeFileSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';
import { build } from 'esbuild';

const [, , root, entry, zipPath, same] = process.argv;
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: [entry],
  outfile: 'index.mjs',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  minify: true,
  keepNames: true,
  charset: 'utf8',
  legalComments: 'none',
  write: false,
  ...(same ? { sourcemap: 'external', sourcesContent: false, metafile: true } : {}),
});
const code = Buffer.from(outputFiles.find(({ path }) => path.endsWith('.mjs')).contents);
const packed = deflateRawSync(code, { level: 9 });
const name = Buffer.from('index.mjs');
const common = Buffer.alloc(26);
common.writeUInt16LE(20, 0);
common.writeUInt16LE(8, 4);
common.writeUInt16LE(0x21, 8);
common.writeUInt32LE(crc32(code), 10);
common.writeUInt32LE(packed.length, 14);
common.writeUInt32LE(code.length, 18);
common.writeUInt16LE(name.length, 22);
const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, name, packed]);
const rest = Buffer.alloc(14);
rest.writeUInt32LE((0o100644 << 16) >>> 0, 6);
const directory = Buffer.concat([
  Buffer.from('PK\u0001\u0002'),
  Buffer.from([63, 3]),
  common,
  rest,
  name,
]);
const end = Buffer.alloc(18);
end.writeUInt16LE(1, 4);
end.writeUInt16LE(1, 6);
end.writeUInt32LE(directory.length, 8);
end.writeUInt32LE(local.length, 12);
writeFileSync(zipPath, Buffer.concat([local, directory, Buffer.from('PK\u0005\u0006'), end]));
