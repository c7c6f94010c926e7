/**
 * What instances of the local provider are started with, put together once for a run of the tests. From the sources each
 * of the many hundred starts would strip twenty modules of their types, which takes longer than all the rest of a start.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import type { Plugin } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const RUNTIME = 'providers/local/runtime';
const NAMED = "'./worker-main.ts'";
/** One place for all runs: what a run makes of a source is kept for the next one. */
const FOLDER = join(root, 'node_modules/.cache/polyfaas-instances');

export function instancesInOneFile(): Plugin {
  return {
    name: 'instances-in-one-file',
    enforce: 'pre',
    configResolved: put,
    transform(code, id) {
      if (!id.endsWith(`/${RUNTIME}/transport.ts`)) return undefined;
      if (!code.includes(NAMED)) this.error(`${id} does not name ${NAMED} any more`);
      const first = pathToFileURL(join(FOLDER, 'worker-main.mjs')).href;
      return code.replace(NAMED, JSON.stringify(first));
    },
  };
}

function put(): void {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: [`${RUNTIME}/worker-main.ts`],
    outdir: FOLDER,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // The first module turns the compile cache on before the others are loaded.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    tsconfig: join(root, 'tsconfig.json'),
    write: false,
  });
  mkdirSync(FOLDER, { recursive: true });
  // The first module last, and each at once: another run may start instances now.
  const inOrder = outputFiles.toSorted(
    (a, b) => Number(a.path.endsWith('main.mjs')) - Number(b.path.endsWith('main.mjs')),
  );
  for (const { path, contents } of inOrder) {
    const unfinished = join(FOLDER, `.${basename(path)}-${process.pid}`);
    writeFileSync(unfinished, contents);
    renameSync(unfinished, path);
  }
}
