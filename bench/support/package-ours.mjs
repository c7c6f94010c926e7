/** One packaging by the built packager. `node package-ours.mjs <dist> <root> <entry> <zip> <cache> <shim> [handles]` */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [, , dist, root, entry, zipPath, cacheFolder, shim, handles] = process.argv;
const { createPackager } = await import(new URL('src/package/index.js', dist).href);
const artifact = await createPackager({ root, cacheFolder }).package({
  name: 'orders',
  spec: { entry, ...(handles ? { handles: handles.split(',') } : {}) },
  profile: {
    format: 'esm',
    target: 'node22',
    entryFile: 'index.mjs',
    shim: { modulePath: shim, exports: ['handler'] },
    external: [],
    limits: {},
  },
});
writeFileSync(zipPath, await artifact.zip());
const loaded = Object.keys(createRequire(import.meta.url).cache);
const bundler = loaded.some((path) => /[/\\]esbuild[/\\]lib[/\\]/.test(path));
process.stdout.write(
  JSON.stringify({ digest: artifact.digest, handles: artifact.handles, bundler }),
);
