import { describe, expect, it } from 'vitest';
import { ISOLATIONS, streamOf, textOf, until, useHarness } from './harness.ts';

const harness = useHarness();

/** Counts what it made, and notes that it was cancelled. */
const ENDLESS = `
  http: (request) => request.url.endsWith('/state')
    ? Response.json({ made, cancelled })
    : new Response(new ReadableStream({
        async pull(controller) {
          await new Promise((r) => setTimeout(r, 0));
          made += 10_000; controller.enqueue(new Uint8Array(10_000).fill(made / 10_000));
        },
        cancel() { cancelled = true; },
      }))`;
const STATE = 'let made = 0; let cancelled = false;';

describe.each(ISOLATIONS)('http calls of an instance in a %s', (isolation) => {
  it('builds the request and reads the response', async () => {
    const pool = harness.pool(
      `http: async (request, { route, requestId }) => {
        const headers = new Headers({ 'x-route': route, 'x-request': requestId, 'x-a': request.headers.get('x-a') });
        headers.append('set-cookie', 'a=1'); headers.append('set-cookie', 'b=2');
        return new Response(request.method + ' ' + request.url, { status: 201, headers });
      }`,
      { settings: { isolation } },
    );
    const response = await pool.get('/orders');
    expect(response.status).toBe(201);
    const pairs = response.headers.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}=${response.headers[index + 1]}`] : [],
    );
    expect(pairs).toEqual(
      expect.arrayContaining([
        'x-route=/orders',
        'x-request=http-1',
        'x-a=1, 2',
        'set-cookie=a=1',
        'set-cookie=b=2',
      ]),
    );
    expect(await textOf(response)).toBe('GET http://orders.test/orders');
  });

  it('carries bytes both ways, also those that are a view of something larger', async () => {
    const pool = harness.pool(
      `http: async (request) => new Response(new Uint8Array(await request.arrayBuffer()).reverse())`,
      { settings: { isolation } },
    );
    const body = new Uint8Array(1_000).map((_, index) => index).subarray(10, 266);
    const reply = await pool.call({
      kind: 'http',
      event: {
        method: 'POST',
        url: 'http://orders.test/',
        headers: [],
        body,
        http: { route: '/', params: {} },
      },
      meta: { requestId: 'bytes', attempt: 1, deadline: 0 },
    });
    expect(reply.output).toMatchObject({ status: 200, body: new Uint8Array(body.toReversed()) });
  });

  it('streams what the handler streams, whole and in order', async () => {
    const pool = harness.pool(
      `http: () => new Response(new ReadableStream({
        async start(controller) {
          for (let index = 0; index < 40; index += 1) {
            await new Promise((r) => setTimeout(r, 0));
            controller.enqueue(new Uint8Array(30_000).fill(index));
          }
          controller.close();
        },
      }))`,
      { settings: { isolation, maxInstances: 1 } },
    );
    const response = await pool.get('/');
    const bytes = Buffer.from(await new Response(streamOf(response)).arrayBuffer());
    const expected = Array.from({ length: 40 }, (_, index) => Buffer.alloc(30_000, index));
    expect(bytes.equals(Buffer.concat(expected))).toBe(true);
    await until(() => pool.stats().busy === 0);
  });

  it('makes no more than the reader takes, and stops when the reader does', async () => {
    const pool = harness.pool(ENDLESS, {
      before: STATE,
      settings: { isolation, maxInstances: 1, concurrency: 4 },
    });
    const reader = streamOf(await pool.get('/')).getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { made } = JSON.parse(await textOf(await pool.get('/state')));
    // The window, the chunk that passes it, and those that wait at the source.
    expect(made).toBeLessThan(262_144 + 100_000);
    for (let taken = 0; taken < 600_000;) taken += (await reader.read()).value?.byteLength ?? 0;
    await reader.cancel();
    await until(() => pool.stats().busy === 0);
    expect(JSON.parse(await textOf(await pool.get('/state')))).toMatchObject({ cancelled: true });
  });

  it('fails the stream when the source fails, and when the caller cancels', async () => {
    const pool = harness.pool(
      `http: (request) => new Response(new ReadableStream({
        async pull(controller) {
          await new Promise((r) => setTimeout(r, 5));
          if (request.url.endsWith('/fails') && sent++ > 2) controller.error(new RangeError('torn'));
          else controller.enqueue(new Uint8Array(100));
        },
      }))`,
      { before: 'let sent = 0;', settings: { isolation, maxInstances: 1 } },
    );
    const failing = streamOf(await pool.get('/fails'));
    await expect(drain(failing)).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      cause: { name: 'RangeError', message: 'torn' },
    });
    const controller = new AbortController();
    const endless = streamOf(await pool.get('/', controller.signal));
    setTimeout(() => controller.abort(), 30);
    await expect(drain(endless)).rejects.toMatchObject({ code: 'CANCELLED' });
    await until(() => pool.stats().busy === 0);
    expect(pool.stats().instances).toBe(1);
  });

  it('ends a stream at the deadline', async () => {
    const pool = harness.pool(ENDLESS, {
      before: STATE,
      settings: { isolation, timeoutSeconds: 2 },
    });
    await pool.warm(1);
    await expect(drain(streamOf(await pool.get('/')))).rejects.toMatchObject({ code: 'TIMEOUT' });
    await until(() => pool.stats().instances === 0);
  });
});

async function drain(stream: ReadableStream<Uint8Array>): Promise<void> {
  for await (const chunk of stream) void chunk;
}
