import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ServerlessError } from '../errors/serverless-error.ts';

/** What a configuration that is a function receives. */
export interface ConfigContext {
  readonly stage: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** When each file that was run had last been changed, as it was run first. */
const firstLoaded = new Map<string, number>();

/**
 * Runs a configuration written as code and takes its default export: an object, or a function of
 * `{ stage, env }`, which may be async. A file that changed is run again.
 */
export async function readCode(file: string, context: ConfigContext): Promise<unknown> {
  const { exported } = await importDefault(file);
  const isFunction = typeof exported === 'function';
  try {
    return await (isFunction ? Reflect.apply(exported, undefined, [context]) : exported);
  } catch (cause) {
    const what = isFunction ? 'threw' : 'is a promise that was rejected';
    throw failed(file, `its default export ${what}`, cause);
  }
}

/** In an object, because a promise that is exported would be awaited where its failure has no file. */
async function importDefault(file: string): Promise<{ readonly exported: unknown }> {
  const url = pathToFileURL(file);
  const changed = statSync(file).mtimeMs;
  const first = firstLoaded.get(file) ?? changed;
  firstLoaded.set(file, first);
  // Node keeps modules by address: a changed file needs another one.
  if (changed !== first) url.searchParams.set('changed', String(changed));
  let module: unknown;
  try {
    module = await import(/* @vite-ignore */ url.href);
  } catch (cause) {
    throw failed(file, 'it cannot be loaded', cause);
  }
  if (typeof module === 'object' && module !== null && 'default' in module) {
    const exported: unknown = module.default;
    if (exported !== undefined) return { exported };
  }
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `${file} has no default export. Write: export default { functions: { ... } }.`,
  });
}

function failed(file: string, what: string, cause: unknown): ServerlessError {
  // Errors of our own say best what to do; those of others are shown by name and message.
  if (ServerlessError.isInstance(cause)) return cause;
  const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : 'no error was given';
  const place = cause instanceof Error ? placeIn(cause, file) : undefined;
  const next = place === undefined ? ' Run it with node to see where.' : '';
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `${file}${place ?? ''}: ${what} (${why}).${next}`,
    cause,
  });
}

/** `:3:7`, where the file itself is named in the stack; a syntax error names the line alone. */
function placeIn({ stack = '' }: Error, file: string): string | undefined {
  for (const name of [pathToFileURL(file).href, file]) {
    const [, after] = stack.split(name, 2);
    const place = after === undefined ? null : /^(?:\?changed=[\d.]+)?(:\d+(?::\d+)?)/.exec(after);
    if (place?.[1] !== undefined) return place[1];
  }
  return undefined;
}
