/** Real bundles in a temp folder, and pools that run them and are closed when the test ends. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type {
  InstanceLog,
  InstancePool,
  LocalHttpResponse,
  LocalReply,
  PoolSettings,
} from '../../../providers/local/ports.ts';
import type { Places } from '../../../providers/local/runtime/places.ts';
import { LocalInstancePool, type PoolTuning } from '../../../providers/local/runtime/pool.ts';
import { systemClock } from '../../../src/engine/system-clock.ts';
import { ServerlessError } from '../../../src/errors/index.ts';
import type { JsonValue } from '../../../src/function/json.types.ts';
import type { Clock } from '../../../src/spi/clock.ts';
import { call, poolSettings } from './pool-settings.ts';

export const ISOLATIONS = ['thread', 'process'] as const;

/** Not so impatient that a busy machine makes a start fail, or an end. */
const TUNING: PoolTuning = { startMs: 30_000, graceMs: 3_000, memoryPollMs: 50 };

export interface TestPool extends InstancePool {
  readonly logs: InstanceLog[];
  readonly warnings: string[];
  invoke(event?: JsonValue, signal?: AbortSignal): Promise<LocalReply>;
  /** The failure of a call that must fail. */
  failure(event?: JsonValue, signal?: AbortSignal): Promise<ServerlessError>;
  get(path: string, signal?: AbortSignal): Promise<LocalHttpResponse>;
}

export interface Harness {
  /** @param source the body of a module; `createEntry`, `bindHandler` and `defineFunction` are there. */
  code(source: string): string;
  /** A pool for `{ <handlers> }`. */
  pool(handlers: string, options?: PoolOptions): TestPool;
}

export interface PoolOptions {
  readonly settings?: Partial<PoolSettings>;
  readonly tuning?: Partial<PoolTuning>;
  readonly clock?: Clock;
  /** Shared with other pools. */
  readonly places?: Places;
  /** Code outside of the handlers. */
  readonly before?: string;
}

/** For a whole test file. */
export function useHarness(): Harness {
  const root = mkdtempSync(join(tmpdir(), 'polyfaas-runtime-'));
  const pools: InstancePool[] = [];
  let folders = 0;

  beforeAll(async () => {
    const source = (path: string): string =>
      fileURLToPath(new URL(`../../../${path}`, import.meta.url));
    await build({
      stdin: {
        contents: `export { createEntry } from ${JSON.stringify(source('providers/local/shim.ts'))};
          export { bindHandler, defineFunction } from 'polyfaas/function';`,
        resolveDir: root,
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      alias: { 'polyfaas/function': source('src/function/index.ts') },
      outfile: join(root, 'support.mjs'),
      logLevel: 'error',
    });
  });
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const code = (source: string): string => {
    folders += 1;
    const folder = join(root, `version-${folders}`, 'code');
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'index.mjs'),
      `import { createEntry, bindHandler, defineFunction } from '../../support.mjs';\n${source}`,
    );
    return folder;
  };

  return {
    code,
    pool(handlers, options = {}) {
      const folder = code(
        `${options.before ?? ''}\nexport const { polyfaas } = createEntry(bindHandler({ default: defineFunction({ ${handlers} }) }));`,
      );
      const logs: InstanceLog[] = [];
      const warnings: string[] = [];
      const settings = poolSettings(folder, options.settings);
      const pool = new LocalInstancePool(
        settings,
        { log: (entry) => logs.push(entry), warn: (message) => warnings.push(message) },
        options.clock ?? systemClock,
        { ...TUNING, ...options.tuning },
        options.places,
      );
      pools.push(pool);
      const invoke = (event?: JsonValue, signal?: AbortSignal): Promise<LocalReply> =>
        pool.call(call(event), signal);
      return {
        logs,
        warnings,
        invoke,
        call: (request, signal) => pool.call(request, signal),
        warm: (instances) => pool.warm(instances),
        stats: () => pool.stats(),
        drain: () => pool.drain(),
        close: () => pool.close(),
        failure: (event, signal) => failureOf(invoke(event, signal)),
        async get(path, signal) {
          const reply = await pool.call(
            {
              kind: 'http',
              event: {
                method: 'GET',
                url: `http://orders.test${path}`,
                headers: ['x-a', '1', 'x-a', '2'],
                body: null,
                http: { route: path, params: {} },
              },
              meta: { requestId: 'http-1', attempt: 1, deadline: 0 },
            },
            signal,
          );
          return responseOf(reply);
        },
      };
    },
  };
}

export async function failureOf(promise: Promise<unknown>): Promise<ServerlessError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ServerlessError) return error;
    throw error;
  }
  throw new Error('The call was expected to fail.');
}

/** Waits until something is so. Fails by the test's own limit. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export async function textOf(response: LocalHttpResponse): Promise<string> {
  const { body } = response;
  if (body === null) return '';
  return new Response(body instanceof ReadableStream ? body : new Uint8Array(body)).text();
}

export function streamOf(response: LocalHttpResponse): ReadableStream<Uint8Array> {
  if (response.body instanceof ReadableStream) return response.body;
  throw new Error('The response was expected to stream.');
}

function responseOf(reply: LocalReply): LocalHttpResponse {
  const { output } = reply;
  if (typeof output === 'object' && output !== null && 'status' in output && isResponse(output))
    return output;
  throw new Error('The reply was expected to be a response.');
}

function isResponse(output: object): output is LocalHttpResponse {
  return 'status' in output && 'headers' in output;
}
