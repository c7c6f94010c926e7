import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  readResponse,
  type FunctionContext,
  type HttpContext,
  type QueueBatch,
  type ResponseParts,
  type ShimCall,
  type StreamBatch,
  type TableBatch,
} from 'polyfaas/function';
import { bindHandler } from '../../../src/function/bind.ts';
import { httpMeta, IDENTITY, meta, start } from './support.ts';

const INVOKE: ShimCall = { kind: 'invoke', event: { id: 7 } };
const time = '2026-01-01T00:00:00.000Z';
const batch: QueueBatch = {
  source: 'orders',
  messages: ['a', 'b'].map((id) => ({ id, data: null, attributes: {}, time, attempt: 1 })),
};
const stream: StreamBatch = {
  source: 'clicks',
  shard: '0',
  records: ['1', '2'].map((sequenceNumber) => ({
    sequenceNumber,
    partitionKey: 'k',
    time,
    data: 1,
  })),
};
const table: TableBatch = {
  source: 'rows',
  records: [{ sequenceNumber: '5', type: 'insert', time, key: { id: 1 } }],
};

class Again {
  readonly retry: readonly string[];
  constructor(retry: readonly string[]) {
    this.retry = retry;
  }
}

describe('a runtime', () => {
  it('gives the handler its context', async () => {
    let seen: FunctionContext | undefined;
    const runtime = start({
      invoke: (_input: unknown, context: FunctionContext) => void (seen = context),
    });
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const call = meta({ requestId: 'r-9', attempt: 2, trace });
    await runtime.call(INVOKE, call);
    const { timeoutSeconds: _none, ...identity } = IDENTITY;
    expect(seen).toMatchObject({
      ...identity,
      requestId: 'r-9',
      attempt: 2,
      deadline: call.deadline,
      trace,
    });
    expect(seen?.instanceId).toBe(runtime.instanceId);
    expect(JSON.parse(JSON.stringify(seen))).toMatchObject({
      requestId: 'r-9',
      functionName: 'orders',
    });
  });

  it('has the id that the platform gave it, and is not cold when it was started ahead', async () => {
    const ahead = bindHandler({
      default: { invoke: (_input: unknown, context: { coldStart: boolean }) => context.coldStart },
    }).start({ ...IDENTITY, instanceId: 'instance-7', startedAhead: true }, { write: () => {} });
    expect([ahead.instanceId, ahead.cold]).toEqual(['instance-7', false]);
    expect(
      await ahead.call(
        { kind: 'invoke', event: null },
        { requestId: 'r', attempt: 1, deadline: Date.now() + 1000 },
      ),
    ).toBe(false);
  });

  it('is cold once, also when calls overlap', async () => {
    const runtime = start({
      invoke: async (_input: unknown, context: FunctionContext) => {
        await Promise.resolve();
        return context.coldStart;
      },
    });
    expect(runtime.cold).toBe(true);
    const replies = Promise.all([1, 2].map(() => runtime.call(INVOKE, meta())));
    expect(runtime.cold).toBe(false);
    expect(await replies).toEqual([true, false]);
  });

  it('gives http handlers the route and the claims', async () => {
    const runtime = start({
      http: (_request: Request, { route, params, claims, clientAddress }: HttpContext) =>
        Response.json({ route, params, claims, clientAddress }),
    });
    const http = httpMeta({ claims: { sub: 'u' }, clientAddress: '127.0.0.1' });
    const event = new Request('https://a.example/orders/7');
    const reply = await runtime.call({ kind: 'http', event, http }, meta());
    expect(reply instanceof Response && (await reply.json())).toEqual(http);
  });

  it('rejects with what the handler threw', async () => {
    const thrown = { odd: true };
    const runtime = start({
      invoke: () => {
        throw thrown;
      },
    });
    await expect(runtime.call(INVOKE, meta())).rejects.toBe(thrown);
  });

  it('refuses a kind that is not handled', async () => {
    const call: ShimCall = { kind: 'queue', event: batch };
    await expect(start({ invoke: () => 1 }).call(call, meta())).rejects.toThrow(
      'does not handle "queue"; it handles: invoke.',
    );
  });
});

describe('an answer', () => {
  it('of invoke is made JSON', async () => {
    const reply = (value: unknown) => start({ invoke: () => value }).call(INVOKE, meta());
    expect(await reply(undefined)).toBeNull();
    expect(await reply({ at: new Date(0), none: undefined })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
    });
    await expect(reply({ total: 1n })).rejects.toThrow('$.total is a BigInt; send it as a string');
  });

  it('of http must be a Response', async () => {
    const event = new Request('https://a.example');
    const call = (value: unknown) =>
      start({ http: () => value }).call({ kind: 'http', event, http: httpMeta() }, meta());
    await expect(call({ statusCode: 200 })).rejects.toThrow('an object with statusCode');
    await expect(call(undefined)).rejects.toThrow('must return a Response; it returned undefined');
  });

  it.each<[string, unknown, unknown]>([
    ['nothing', undefined, undefined],
    ['null', null, undefined],
    ['an empty object', {}, undefined],
    ['an empty list', { retry: [] }, { retry: [] }],
    ['one message', { retry: ['b'] }, { retry: ['b'] }],
    ['an object without a prototype', Object.create(null), undefined],
    ['an object of another realm', runInNewContext('({})'), undefined],
    ['an object of a class', new Again(['b']), { retry: ['b'] }],
  ])('of queue may be %s', async (_name, value, reply) => {
    expect(
      await start({ queue: () => value }).call({ kind: 'queue', event: batch }, meta()),
    ).toEqual(reply);
  });

  it.each<[string, unknown, string]>([
    ['an unknown id', { retry: ['a', 'zz'] }, '"zz", which is no message of its batch'],
    ['an id that is no text', { retry: [1] }, 'its "retry" is an array'],
    ['no list', { retry: 'a' }, 'its "retry" is a string'],
    ["Lambda's answer", { batchItemFailures: [] }, 'an object with batchItemFailures'],
    ['a list', ['a'], 'it returned an array'],
    ['true', true, 'it returned a boolean'],
    ['a map', new Map([['retry', ['a']]]), '{ retry } or nothing; it returned'],
    ['a set', new Set(['a']), '{ retry } or nothing; it returned'],
    ['a date', new Date(0), '{ retry } or nothing; it returned'],
  ])('of queue must not be %s', async (_name, value, words) => {
    const reply = start({ queue: async () => value }).call({ kind: 'queue', event: batch }, meta());
    await expect(reply).rejects.toThrow(words);
  });

  it.each<[ShimCall, string]>([
    [{ kind: 'stream', event: stream }, '2'],
    [{ kind: 'table', event: table }, '5'],
  ])('of a stream or a table names the record to go on from', async (call, known) => {
    const reply = (value: unknown) =>
      start({ stream: () => value, table: () => value }).call(call, meta());
    expect(await reply({ retryFrom: known })).toEqual({ retryFrom: known });
    expect(await reply(undefined)).toBeUndefined();
    await expect(reply({ retryFrom: '99' })).rejects.toThrow(
      '"99", which is no record of its batch',
    );
    await expect(reply({ retryFrom: Number(known) })).rejects.toThrow('a number');
    await expect(reply({ retry: [known] })).rejects.toThrow('{ retryFrom } or nothing');
  });

  it('of the other kinds is not looked at', async () => {
    const event = { id: '1', source: 's', time, data: null, attributes: {} };
    expect(await start({ topic: () => 1n }).call({ kind: 'topic', event }, meta())).toBeUndefined();
  });
});

describe('context.signal', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => void vi.useRealTimers());

  /** A handler that waits to be told to stop. */
  const waiting = {
    invoke: (_input: unknown, { signal }: FunctionContext) =>
      new Promise((resolve) => {
        const tell = (): void => resolve([Date.now(), String(signal.reason)]);
        if (signal.aborted) tell();
        else signal.addEventListener('abort', tell);
      }),
  };

  it('aborts shortly before the deadline', async () => {
    const reply = start(waiting).call(INVOKE, meta({ deadline: 1_030_000 }));
    await vi.advanceTimersByTimeAsync(29_499);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await reply).toEqual([1_029_500, expect.stringContaining('TimeoutError')]);
  });

  it('leaves a tenth of a short call', async () => {
    const reply = start(waiting).call(INVOKE, meta({ deadline: 1_001_000 }));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await reply).toEqual([1_000_900, expect.stringContaining('TimeoutError')]);
  });

  it('aborts when the caller cancels, before or during the call', async () => {
    const controller = new AbortController();
    const reply = start(waiting).call(INVOKE, meta(), controller.signal);
    controller.abort(new Error('caller left'));
    expect(await reply).toEqual([1_000_000, 'Error: caller left']);
    expect(await start(waiting).call(INVOKE, meta(), controller.signal)).toEqual([
      1_000_000,
      'Error: caller left',
    ]);
  });

  it('leaves no timer behind, and makes none when it is not read', async () => {
    await start({ invoke: () => 1 }).call(INVOKE, meta());
    expect(vi.getTimerCount()).toBe(0);
    let during = 0;
    await start({
      invoke: (_input: unknown, { signal }: FunctionContext) => {
        during = vi.getTimerCount();
        return signal.aborted;
      },
    }).call(INVOKE, meta());
    expect([during, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it('lives as long as the body of a response', async () => {
    const { promise: more, resolve } = Promise.withResolvers<void>();
    const runtime = start({
      http: (request: Request, { signal }: FunctionContext) => {
        if (request.method === 'GET') return new Response(String(signal.aborted));
        const slow = new ReadableStream<Uint8Array>({
          async pull(controller): Promise<void> {
            await more;
            controller.enqueue(new TextEncoder().encode(String(signal.aborted)));
            controller.close();
          },
        });
        return new Response(slow);
      },
    });
    const call = async (method: string): Promise<ResponseParts> => {
      const event = new Request('https://a.example', { method });
      const reply = await runtime.call({ kind: 'http', event, http: httpMeta() }, meta());
      if (reply instanceof Response) return readResponse(reply, method);
      throw new Error('no Response');
    };
    await call('GET');
    expect(vi.getTimerCount()).toBe(0);
    const { body } = await call('POST');
    await vi.advanceTimersByTimeAsync(30_000);
    resolve();
    expect(body instanceof ReadableStream && (await new Response(body).text())).toBe('true');
  });

  it.each([true, false])('is never aborted after the call (read during it: %s)', async (read) => {
    const kept: FunctionContext[] = [];
    const controller = new AbortController();
    const runtime = start({
      invoke: (_input: unknown, context: FunctionContext) => {
        kept.push(context);
        return read && context.signal.aborted;
      },
    });
    await runtime.call(INVOKE, meta(), controller.signal);
    controller.abort();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kept.map(({ signal }) => signal.aborted)).toEqual([false]);
  });

  it('takes a deadline that is farther than timers reach', async () => {
    // A longer timer than the platform knows would fire at once.
    const runtime = start({
      invoke: (_input: unknown, { signal }: FunctionContext) => [
        signal.aborted,
        vi.getTimerCount(),
      ],
    });
    for (const deadline of [Number.POSITIVE_INFINITY, 9e15]) {
      expect(await runtime.call(INVOKE, meta({ deadline }))).toEqual([false, 0]);
    }
  });
});
