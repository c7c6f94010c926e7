import { describe, expect, it } from 'vitest';
import { HandlerContractError, readResponse } from 'polyfaas/function';

const encoder = new TextEncoder();

/** A stream whose next chunk comes when `push` is called. */
function manualStream(): {
  readonly stream: ReadableStream<Uint8Array>;
  readonly push: (text: string) => void;
  readonly end: () => void;
  readonly cancelled: Promise<unknown>;
} {
  const { promise: cancelled, resolve } = Promise.withResolvers<unknown>();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start: (given) => void (controller = given),
    cancel: (reason) => resolve(reason),
  });
  return {
    stream,
    push: (text) => controller?.enqueue(encoder.encode(text)),
    end: () => controller?.close(),
    cancelled,
  };
}

const sized = (body: string | null, length: string): Response =>
  new Response(body, { headers: { 'content-length': length } });

async function bytesOf(response: Response, method?: string): Promise<Uint8Array> {
  const { body } = await readResponse(response, method);
  if (body instanceof Uint8Array) return body;
  throw new Error(`the body is ${body === null ? 'null' : 'a stream'}`);
}

describe('readResponse', () => {
  it('gives status, status text and headers', async () => {
    const response = Response.json(
      { ok: true },
      { status: 201, statusText: 'Made', headers: { 'X-A': '1' } },
    );
    expect(await readResponse(response)).toEqual({
      status: 201,
      statusText: 'Made',
      headers: ['content-type', 'application/json', 'x-a', '1'],
      body: encoder.encode('{"ok":true}'),
    });
  });

  it('repeats set-cookie', async () => {
    const headers = new Headers();
    headers.append('set-cookie', 'a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT');
    headers.append('set-cookie', 'b=2');
    headers.append('vary', 'a');
    headers.append('vary', 'b');
    expect((await readResponse(new Response(null, { headers }))).headers).toEqual([
      'set-cookie',
      'a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT',
      'set-cookie',
      'b=2',
      'vary',
      'a, b',
    ]);
  });

  it.each<[string, () => Response]>([
    ['text', () => new Response('body')],
    ['bytes', () => new Response(encoder.encode('body'))],
    [
      'a small view of a large buffer',
      () => new Response(encoder.encode('a body b').subarray(2, 6)),
    ],
    ['a stream that is ready', () => new Response(new Response('body').body)],
    [
      'a stream of ready chunks',
      () => new Response(ReadableStream.from([encoder.encode('bo'), encoder.encode('dy')])),
    ],
    [
      'a copy of another response',
      () => new Response(new Response('body').body, new Response('x')),
    ],
    ['a known length', () => new Response('body', { headers: { 'content-length': '4' } })],
  ])('gives the bytes of %s', async (_name, make) => {
    const body = await bytesOf(make());
    expect(new TextDecoder().decode(body)).toBe('body');
    expect(body.buffer.byteLength).toBe(4);
  });

  it('gives binary bytes as they are', async () => {
    const binary = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    expect(Buffer.from(await bytesOf(new Response(binary))).equals(Buffer.from(binary))).toBe(true);
  });

  it('gives no bytes for an empty text', async () => {
    expect(await bytesOf(new Response(''))).toHaveLength(0);
  });

  it.each([204, 205, 304])('gives no body for %i', async (status) => {
    expect((await readResponse(new Response(null, { status }))).body).toBeNull();
  });

  it('gives no body to HEAD, keeps the headers, and lets go of the stream', async () => {
    const { stream, cancelled } = manualStream();
    const response = new Response(stream, { headers: { 'content-length': '5' } });
    const parts = await readResponse(response, 'HEAD');
    expect(parts.body).toBeNull();
    expect(parts.headers).toEqual(['content-length', '5']);
    await cancelled;
  });

  it.each<[string, () => Response, readonly string[]]>([
    ['nothing', () => new Response(null), ['content-length', '0']],
    ['nothing, whose length the handler names', () => sized(null, '42'), ['content-length', '42']],
    ['a stream', () => new Response(manualStream().stream), []],
    ['nothing, with 205', () => new Response(null, { status: 205 }), []],
    ['nothing, with 304', () => new Response(null, { status: 304 }), []],
  ])('tells HEAD the length where it is known: of %s', async (_what, make, headers) => {
    expect(await readResponse(make(), 'HEAD')).toMatchObject({ headers, body: null });
  });

  it('gives a stream that begins with what was read', async () => {
    const { stream, push, end } = manualStream();
    push('one ');
    const { body } = await readResponse(new Response(stream));
    if (!(body instanceof ReadableStream)) throw new Error('it is no stream');
    push('two ');
    const reader = body.getReader();
    const text = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
    expect(await text()).toBe('one ');
    expect(await text()).toBe('two ');
    push('three');
    end();
    expect(await text()).toBe('three');
    expect((await reader.read()).done).toBe(true);
  });

  it('passes on that the client went away, and that the handler failed', async () => {
    const { stream, push, cancelled } = manualStream();
    push('one');
    const { body } = await readResponse(new Response(stream));
    if (!(body instanceof ReadableStream)) throw new Error('it is no stream');
    await body.cancel('gone');
    expect(await cancelled).toBe('gone');

    const failing = new ReadableStream({ pull: () => Promise.reject(new RangeError('handler')) });
    await expect(readResponse(new Response(failing))).rejects.toThrow('handler');
  });

  it('streams what never ends, although each chunk is ready', async () => {
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(encoder.encode('x')),
    });
    const { body } = await readResponse(new Response(endless));
    expect(body).toBeInstanceOf(ReadableStream);
    if (body instanceof ReadableStream) await body.cancel();
  });

  it('streams server-sent events at once', async () => {
    const headers = { 'content-type': 'text/event-stream; charset=utf-8' };
    const { body } = await readResponse(new Response('data: 1\n\n', { headers }));
    expect(body).toBeInstanceOf(ReadableStream);
    if (body instanceof ReadableStream) expect(await new Response(body).text()).toBe('data: 1\n\n');
  });

  it('refuses a body that was read, an error response, and chunks that are no bytes', async () => {
    const used = new Response('x');
    await used.text();
    await expect(readResponse(used)).rejects.toThrow('whose body was read before');
    await expect(readResponse(Response.error())).rejects.toBeInstanceOf(HandlerContractError);
    const texts: ReadableStream = new ReadableStream<string>({
      pull: (controller) => controller.enqueue('text'),
    });
    await expect(readResponse(new Response(texts))).rejects.toThrow('a chunk is a string');
  });
});
