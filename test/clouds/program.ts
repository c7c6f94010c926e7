/**
 * One program that uses every verb, as somebody would write it for one platform. It knows nothing of where it runs but
 * the provider's name.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ServerlessError,
  type FunctionSpec,
  type PolyfaasConfig,
  type ServerlessManager,
} from 'polyfaas';
import type { JsonValue } from 'polyfaas/function';

/** The verbs, in the order in which the program uses them. */
export const VERBS = [
  'deploy',
  'invoke',
  'configureEvent',
  'preWarm',
  'metrics',
  'rollback',
  'remove',
] as const;
export type Verb = (typeof VERBS)[number];

/** Runs one verb, and keeps what it answered: what must be the same everywhere. */
export type Do = (verb: Verb, work: () => Promise<JsonValue>) => Promise<void>;

/** What the program needs beside a manager: somebody who makes managers, and the time of where they work. */
export interface Surroundings {
  manager(
    config: PolyfaasConfig & { readonly app: string; readonly stage: string },
  ): Promise<ServerlessManager>;
  /** Lets so much time pass there. */
  pass(ms: number): Promise<void>;
}

const code = (greeting: string): string => `
  export default {
    invoke: async ({ name }) => {
      if (name === undefined) throw new RangeError('A name is needed.');
      return { greeting: '${greeting}, ' + name };
    },
    http: async (request) => Response.json({ path: new URL(request.url).pathname, from: '${greeting}' }),
  };`;

const spec = (greeting: string): FunctionSpec => ({
  source: code(greeting),
  env: { GREETING: greeting },
  memoryMb: 512,
  timeoutSeconds: 20,
});

const LOOKS = 50;

export async function program(
  provider: string,
  { manager, pass }: Surroundings,
  verb: Do,
): Promise<void> {
  const configured = { app: 'clouds', stage: 'demo', provider };
  const first = await manager({ ...configured, functions: { hello: spec('Hello') } });
  const second = await manager({ ...configured, functions: { hello: spec('Welcome') } });
  try {
    await verb('deploy', async () => {
      const { changed, bindings } = await first.deploy('hello');
      const again = await first.deploy('hello');
      return { changed, bindings: bindings.length, again: again.changed };
    });

    await verb('invoke', async () => {
      const { output } = await first.invoke('hello', { name: 'Ada' });
      return [output, await failureOf(first.invoke('hello', {}))];
    });

    await verb('configureEvent', async () => {
      const { changed } = await first.configureEvent('hello', {
        type: 'http',
        id: 'page',
        method: 'GET',
        path: '/pages/{id}',
      });
      const { url } = (await first.describe('hello')) ?? {};
      const answer = await page(`${url}/pages/7`, pass);
      return { changed, status: answer.status, body: await answer.text() };
    });

    await verb('preWarm', async () => {
      const { requested, distinctInstances } = await first.preWarm('hello', { instances: 2 });
      return { requested, isWarm: distinctInstances >= 1 };
    });

    await verb('metrics', async () => {
      // Platforms count with some delay.
      await pass(10 * 60_000);
      const { invocations, errors, timeouts } = await first.metrics('hello', { last: '1h' });
      return { invocations, errors, timeouts };
    });

    await verb('rollback', async () => {
      await second.deploy('hello');
      const { output: newer } = await second.invoke('hello', { name: 'Grace' });
      await second.rollback('hello');
      const { output: older } = await second.invoke('hello', { name: 'Grace' });
      const { bindings = [] } = (await second.describe('hello')) ?? {};
      return { newer, older, bindings: bindings.map(({ id }) => id) };
    });

    await verb('remove', async () => {
      const { removed } = await first.remove('hello');
      return { removed, isThere: (await first.describe('hello')) !== undefined };
    });
  } finally {
    await first.close();
    await second.close();
  }
}

/** What somebody sees of a failed call. */
async function failureOf(call: Promise<unknown>): Promise<JsonValue> {
  try {
    await call;
    return 'it did not fail';
  } catch (error) {
    if (!ServerlessError.isInstance(error)) throw error;
    const { cause } = error;
    return {
      code: error.code,
      cause: cause instanceof Error ? { name: cause.name, message: cause.message } : null,
    };
  }
}

/** A new route may take a while to be known. */
async function page(url: string, pass: Surroundings['pass']): Promise<Response> {
  for (let look = 0; ; look += 1) {
    const answer = await fetch(url);
    if (answer.status === 200 || look === LOOKS) return answer;
    await answer.arrayBuffer();
    await pass(1_000);
    await sleep(10);
  }
}
