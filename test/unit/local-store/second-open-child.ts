/**
 * Owns the folder, does to it what the second parameter says, says so, and keeps the folder. Each line on stdin is
 * answered by a write.
 */
import { cpSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { Worker } from 'node:worker_threads';
import { openStore } from '../../../providers/local/store/index.ts';

const [folder = '', what = ''] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const store = openStore({ folder, durability: 'process' });
store.migrate('test', ['CREATE TABLE kept (value TEXT)']);

if (what === 'copy') cpSync(folder, `${folder}-copy`, { recursive: true });
else if (what === 'thread') {
  const worker = new Worker(new URL('./second-open-thread.ts', import.meta.url), {
    workerData: folder,
  });
  say(await new Promise<string>((resolve) => worker.once('message', resolve)));
  await worker.terminate();
} else {
  // Another copy of the package in this process: its modules share nothing with those above.
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const isOfCopy = context.parentURL?.endsWith('?copy') === true;
      return isOfCopy && resolved.url.endsWith('.ts')
        ? { ...resolved, url: `${resolved.url}?copy` }
        : resolved;
    },
  });
  const copy: typeof import('../../../providers/local/store/index.ts') = await import(
    new URL('../../../providers/local/store/index.ts?copy', import.meta.url).href
  );
  try {
    copy.openStore({ folder, durability: 'process' });
    say('owner');
  } catch (error) {
    say(`refused ${codeOf(error)}`);
  }
}
say('done');

process.stdin.on('data', () => {
  try {
    store.transaction(() => store.db.exec("INSERT INTO kept VALUES ('by the first')"));
    say('written');
  } catch (error) {
    say(`not written ${codeOf(error)}`);
  }
});

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
