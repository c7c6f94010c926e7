import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { CallMeta, JsonValue, ShimCall, ShimReply } from 'polyfaas/function';
import { queue, stream, table } from './batches.ts';
import { meta, start } from './support.ts';

function answer(call: ShimCall, value: unknown): Promise<ShimReply> {
  return start(async () => value).call(call, meta());
}

const failed = (...ids: unknown[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

describe('a Lambda handler answers a batch', () => {
  it.each<[unknown, JsonValue | undefined]>([
    [undefined, undefined],
    [null, undefined],
    ['done', undefined],
    [{}, undefined],
    [{ batchItemFailures: null }, undefined],
    [{ batchItemFailures: [] }, undefined],
    [failed('m2'), { retry: ['m2'] }],
    [failed('m2', 'm1'), { retry: ['m2', 'm1'] }],
  ])('of a queue: %j', async (value, reply) => {
    expect(await answer({ kind: 'queue', event: queue }, value)).toEqual(reply);
  });

  it.each<[unknown]>([
    [failed('m1', 'other')],
    [failed('')],
    [failed(null)],
    [{ batchItemFailures: ['m1'] }],
    [{ batchItemFailures: [{ id: 'm1' }] }],
    [{ batchItemFailures: 'm1' }],
  ])('and fails it whole: %j', async (value) => {
    await expect(answer({ kind: 'queue', event: queue }, value)).rejects.toThrow(
      'The whole batch counts as failed',
    );
  });

  it('of a stream with the first record that failed', async () => {
    const call: ShimCall = { kind: 'stream', event: stream };
    expect(await answer(call, failed('102', '101'))).toEqual({ retryFrom: '101' });
    expect(await answer(call, failed())).toBeUndefined();
    await expect(answer(call, failed('7'))).rejects.toThrow('"7"');
    expect(await answer({ kind: 'table', event: table }, failed('6'))).toEqual({ retryFrom: '6' });
  });
});

interface Context {
  readonly awsRequestId: string;
  callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
  done: Callback;
  fail(error?: unknown): void;
  succeed(result?: unknown): void;
}
type Callback = (error?: unknown, answer?: unknown) => void;

describe('a Lambda handler', () => {
  const call = (handler: unknown, changes?: Partial<CallMeta>): Promise<ShimReply> =>
    start(handler).call({ kind: 'invoke', event: 5 }, meta(changes));

  it('gets the context that Lambda gives', async () => {
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const handler = async (_event: unknown, context: Context): Promise<unknown> => {
      context.callbackWaitsForEmptyEventLoop = false;
      const {
        getRemainingTimeInMillis,
        done: _done,
        fail: _fail,
        succeed: _succeed,
        ...rest
      } = context;
      const left = getRemainingTimeInMillis();
      return { ...rest, soon: left > 0 && left <= 30_000 };
    };
    expect(await call(handler, { requestId: 'r-3', trace })).toEqual({
      callbackWaitsForEmptyEventLoop: false,
      functionName: 'orders',
      functionVersion: '3',
      invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:orders',
      memoryLimitInMB: '256',
      awsRequestId: 'r-3',
      logGroupName: '/aws/lambda/orders',
      logStreamName: expect.stringMatching(/^\[3\][0-9a-f]{32}$/),
      xRayTraceId: 'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1',
      soon: true,
    });
    const past = (_event: unknown, context: Context): number => context.getRemainingTimeInMillis();
    expect(await call(past, { deadline: 1 })).toBe(0);
  });

  it('may answer by its callback', async () => {
    const later = (event: number, _context: Context, callback: Callback): void => {
      setTimeout(() => callback(null, event * 2), 1);
    };
    expect(await call(later)).toBe(10);
    const failing = (_event: unknown, _context: Context, callback: Callback): void =>
      callback(new RangeError('no'));
    await expect(call(failing)).rejects.toBeInstanceOf(RangeError);
    const nothing = (_event: unknown, _context: Context, callback: Callback): void => callback();
    expect(await call(nothing)).toBeNull();
  });

  const later = (then: () => void): void => void setTimeout(then, 1);
  const silent: Callback = () => {};
  const reply = ({ done }: Context, value: unknown): void => later(() => done(null, value));

  it.each<[string, unknown]>([
    [
      'with a default',
      (event: number, { awsRequestId: _id }: Context, callback = silent) =>
        later(() => callback(null, event * 2)),
    ],
    [
      'among the rest',
      (...all: [number, Context, Callback]) => later(() => all[2](null, all[0] * 2)),
    ],
    [
      'after the others',
      (event: number, ...all: [Context, Callback]) => later(() => all[1](null, event * 2)),
    ],
    [
      'of a wrapper',
      function wrapper() {
        const inner = (event: number, _context: Context, callback: Callback): void =>
          later(() => callback(null, event * 2));
        return Reflect.apply(inner, undefined, arguments);
      },
    ],
    [
      'of the context, done',
      (event: number, context: Context) => later(() => context.done(null, event * 2)),
    ],
    [
      'of the context, succeed',
      (event: number, context: Context) => later(() => context.succeed(event * 2)),
    ],
    [
      'of the context, given to a promise',
      (event: number, context: Context) =>
        void Promise.resolve(event * 2).then(context.succeed, context.fail),
    ],
    [
      'of the context, in parts',
      (event: number, { succeed }: Context) => later(() => succeed(event * 2)),
    ],
    [
      'of the context, by what gets it',
      (event: number, context: Context) => reply(context, event * 2),
    ],
    [
      'of the context, by its name',
      (event: number, context: Context) => later(() => context['done'](null, event * 2)),
    ],
    [
      'of the context, with an unused callback',
      (event: number, context: Context, _callback: Callback) => reply(context, event * 2),
    ],
    [
      'of the context, as it is minified',
      runInNewContext('(e,t)=>{let n=t;Promise.resolve(e*2).then(r=>n.succeed(r))}'),
    ],
  ])('may answer by a callback %s', async (_where, handler) => {
    expect(await call(handler)).toBe(10);
  });

  it('may fail by the context', async () => {
    const failing = (_event: unknown, context: Context) =>
      later(() => context.fail(new RangeError('no')));
    await expect(call(failing)).rejects.toBeInstanceOf(RangeError);
    const silently = (_event: unknown, context: Context) => later(() => context.fail());
    await expect(call(silently)).rejects.toThrow('context.fail()');
    const batch: ShimCall = { kind: 'queue', event: queue };
    const rest = (...all: [unknown, unknown, Callback]) => later(() => all[2](new Error('down')));
    await expect(start(rest).call(batch, meta())).rejects.toThrow('down');
  });

  it.each<[string, unknown]>([
    ['one', (_event: unknown) => {}],
    [
      'two, of them one in parts',
      ({ a: _a, ...b }: { a?: unknown }, { c: _c = [1, 2, 3] }: { c?: unknown }) => void b,
    ],
    ['two with a text', (_event: unknown, _text = '),...a,b(') => {}],
    // A comma and a comment are no parameter.
    ['two, written at length', runInNewContext('(event, /* a, ...b */ context,) => {}')],
    [
      'three, of them a callback that it does not use',
      (_event: unknown, _context: Context, _callback: Callback) => {},
    ],
    [
      'two, of them a context that it only reads',
      (_event: unknown, context: Context) => {
        context.callbackWaitsForEmptyEventLoop = false;
        void `${context.getRemainingTimeInMillis()} ${context?.callbackWaitsForEmptyEventLoop} is done`;
      },
    ],
    ['one without brackets', runInNewContext('event => { (() => {})(event, 1, 2); }')],
  ])('has answered when it returns nothing and takes %s', async (_what, handler) => {
    expect(await call(handler)).toBeNull();
  });

  it('may answer by a promise or directly, whichever is first', async () => {
    expect(await call((event: number) => event + 1)).toBe(6);
    expect(await call(() => {})).toBeNull();
    const both = async (
      _event: unknown,
      _context: Context,
      callback: Callback,
    ): Promise<string> => {
      callback(null, 'callback');
      return 'promise';
    };
    expect(await call(both)).toBe('callback');
    const three = async (
      _event: unknown,
      _context: Context,
      _callback: Callback,
    ): Promise<string> => 'promise';
    expect(await call(three)).toBe('promise');
  });

  it('fails as it throws', async () => {
    const throwing = (_event: unknown, _context: Context, _callback: Callback): void => {
      throw new TypeError('sync');
    };
    await expect(call(throwing)).rejects.toBeInstanceOf(TypeError);
    await expect(call(async () => Promise.reject('text'))).rejects.toBe('text');
  });
});
