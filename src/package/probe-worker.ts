/**
 * Loads one bundle and says what it handles. Runs in a thread or a process of its own, with an empty environment:
 * nothing of the user's machine reaches the code, and nothing that the code does reaches the packager.
 */
import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';

/** What the probe answers. */
export type ProbeReply =
  | { readonly type: 'bound'; readonly signature: string; readonly handles: readonly string[] }
  | { readonly type: 'loaded'; readonly durationMs: number }
  | { readonly type: 'failed'; readonly error: string; readonly stack: string };

const reply = (message: ProbeReply): void => {
  if (parentPort) parentPort.postMessage(message);
  else process.send?.(message);
};

process.kill = () => {
  throw new Error('process.kill is not available while packaging');
};

const bound = (handler: {
  readonly signature: string;
  readonly handles: readonly string[];
}): object => {
  reply({ type: 'bound', signature: handler.signature, handles: [...handler.handles] });
  return {};
};
Object.defineProperty(globalThis, Symbol.for('polyfaas.probe'), { value: bound });

const load = async (entryPath: unknown): Promise<void> => {
  const began = performance.now();
  // Comes when there is nothing left that could settle what the module waits for; not when the code ends the program.
  const onIdle = (): void =>
    reply({
      type: 'failed',
      error: 'never finished loading: it waits at its top level for what nothing will settle',
      stack: '',
    });
  process.once('beforeExit', onIdle);
  try {
    await import(pathToFileURL(String(entryPath)).href);
    process.off('beforeExit', onIdle);
    reply({ type: 'loaded', durationMs: performance.now() - began });
  } catch (thrown) {
    const error =
      thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `threw ${describe(thrown)}`;
    reply({ type: 'failed', error, stack: thrown instanceof Error ? (thrown.stack ?? '') : '' });
  }
};

const describe = (thrown: unknown): string => {
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return String(thrown);
  }
};

if (parentPort) parentPort.once('message', (path) => void load(path));
else process.once('message', (path) => void load(path));
