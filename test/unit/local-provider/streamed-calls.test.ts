import type { FunctionMetrics, FunctionSpec, ServerlessManager } from 'polyfaas';
import { describe, expect, it } from 'vitest';
import { newShop } from './shop.ts';

/** Answers at once with a stream; the path says how it goes on. */
const SOURCE = `
  const text = new TextEncoder();
  const released = Promise.withResolvers();
  let chunks = 0;
  const going = {
    '/held': async (controller, beganMs) => {
      await released.promise;
      controller.enqueue(text.encode(String(performance.now() - beganMs)));
      controller.close();
    },
    '/endless': async (controller) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      controller.enqueue(text.encode('more'));
    },
    '/torn': async (controller) => {
      if (chunks++ > 1) throw new RangeError('torn');
      controller.enqueue(text.encode('part'));
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
    '/exit': async (controller) => {
      if (chunks++ > 1) process.exit(3);
      controller.enqueue(text.encode('part'));
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
  export default { http: ({ url }) => {
    const beganMs = performance.now();
    const { pathname } = new URL(url);
    if (pathname === '/release') return new Response(String(released.resolve()));
    return new Response(new ReadableStream({ pull: (to) => going[pathname](to, beganMs) }));
  } };`;

async function deployed(
  timeoutSeconds = 30,
): Promise<{ readonly manager: ServerlessManager; readonly url: string }> {
  const events: FunctionSpec['events'] = [{ type: 'http' }];
  const spec: FunctionSpec = { source: SOURCE, concurrency: 4, events, timeoutSeconds };
  const manager = await newShop().open({ hello: spec });
  const { url } = await manager.deploy('hello');
  return { manager, url: url ?? '' };
}

const metricsOf = (manager: ServerlessManager) => manager.metrics('hello', { last: '1h' });

/** The metrics once there is a call in them: the gateway hears of its client's end after the client. */
async function counted(manager: ServerlessManager): Promise<FunctionMetrics> {
  for (;;) {
    const metrics = await metricsOf(manager);
    if (metrics.invocations !== 0) return metrics;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function errorsOf(manager: ServerlessManager): Promise<readonly string[]> {
  const lines: string[] = [];
  const query = { last: '1h', minLevel: 'error' } as const;
  for await (const { message } of manager.logs('hello', query)) lines.push(message);
  return lines;
}

describe('a reply that streams', () => {
  it('is counted when its stream ends, with the time of all of it', async () => {
    const { manager, url } = await deployed();
    const held = await fetch(`${url}/held`);
    expect(await metricsOf(manager)).toMatchObject({ invocations: 0, durationMs: null });
    await (await fetch(`${url}/release`)).text();
    const ownMs = Number(await held.text());
    const { invocations, errors, coldStarts, durationMs, maxMemoryMb } = await metricsOf(manager);
    expect({ invocations, errors, coldStarts }).toEqual({
      invocations: 2,
      errors: 0,
      coldStarts: 1,
    });
    expect(durationMs?.max).toBeGreaterThanOrEqual(ownMs);
    expect(maxMemoryMb).toBeGreaterThan(0);
  });

  it.each([
    ['takes too long', '/endless', { timeouts: 1 }, /did not answer within 1 s/, 1],
    ['breaks', '/torn', { timeouts: 0 }, /^The http handler failed: RangeError: torn$/, 30],
    ['loses its instance', '/exit', { timeouts: 0 }, /ended with code 3/, 30],
  ] as const)('and then %s is an error, and in the log once', async (...given) => {
    const [, path, counts, says, timeoutSeconds] = given;
    const { manager, url } = await deployed(timeoutSeconds);
    const response = await fetch(url + path);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(await metricsOf(manager)).toMatchObject({ invocations: 1, errors: 1, ...counts });
    expect(await errorsOf(manager)).toEqual([expect.stringMatching(says)]);
  });

  it('whose client goes away counts as a call that its caller cancelled', async () => {
    const { manager, url } = await deployed();
    const leaving = new AbortController();
    const response = await fetch(`${url}/endless`, { signal: leaving.signal });
    leaving.abort();
    await expect(response.text()).rejects.toMatchObject({ name: 'AbortError' });
    // As for any call that was cancelled: neither an error nor a duration.
    expect(await counted(manager)).toMatchObject({
      invocations: 1,
      errors: 0,
      durationMs: null,
    });
    expect(await errorsOf(manager)).toEqual([]);
  });

  it('to a client that wants the head only is an answer in full', async () => {
    const { manager, url } = await deployed();
    const response = await fetch(`${url}/endless`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await counted(manager)).toMatchObject({
      invocations: 1,
      errors: 0,
      durationMs: expect.anything(),
    });
  });
});
