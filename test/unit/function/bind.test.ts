import { describe, expect, it } from 'vitest';
import {
  bindHandler,
  type BindOptions,
  defineFunction,
  HANDLER_KINDS,
  HandlerContractError,
} from 'polyfaas/function';
import { httpMeta, meta, start, startModule } from './support.ts';

const invoke = (): number => 1;
const lambda = async (): Promise<string> => 'x';

function refusal(module: Record<string, unknown>, options?: BindOptions): string {
  try {
    bindHandler(module, options);
  } catch (error) {
    if (error instanceof HandlerContractError) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

class App {
  readonly #prefix = 'app:';
  fetch(request: Request): Response {
    return new Response(this.#prefix + request.url);
  }
}

describe('bindHandler finds', () => {
  it.each<[string, Record<string, unknown>, string, readonly string[]]>([
    [
      'defineFunction',
      { default: defineFunction({ invoke, http: () => new Response() }) },
      'polyfaas',
      ['invoke', 'http'],
    ],
    [
      'an object with kinds',
      { default: { queue: invoke, invoke } },
      'polyfaas',
      ['invoke', 'queue'],
    ],
    ['an object with fetch', { default: { fetch: invoke } }, 'fetch', ['http']],
    ['an instance with fetch', { default: new App() }, 'fetch', ['http']],
    [
      'a function with fetch',
      { default: Object.assign(() => 1, { fetch: invoke }) },
      'fetch',
      ['http'],
    ],
    ['a plain function', { handler: lambda }, 'aws-lambda', HANDLER_KINDS],
    ['default before handler', { handler: lambda, default: { invoke } }, 'polyfaas', ['invoke']],
    [
      'handler when default is none',
      { default: { version: 1 }, handler: lambda },
      'aws-lambda',
      HANDLER_KINDS,
    ],
    ['the exports of CommonJS', { default: { handler: lambda } }, 'aws-lambda', HANDLER_KINDS],
    [
      'the exports of CommonJS with more in it',
      { default: { handler: lambda, queue: lambda } },
      'aws-lambda',
      HANDLER_KINDS,
    ],
    [
      'a transpiled default',
      { default: { __esModule: true, default: { invoke } } },
      'polyfaas',
      ['invoke'],
    ],
  ])('%s', (_name, module, signature, handles) => {
    const bound = bindHandler(module);
    expect([bound.signature, bound.handles]).toEqual([signature, handles]);
  });

  it('the export that it is told to', () => {
    const module = { default: { invoke }, orders: defineFunction({ topic: () => {} }) };
    expect(bindHandler(module, { exportName: 'orders' }).handles).toEqual(['topic']);
    const commonjs = { default: { orders: lambda } };
    expect(bindHandler(commonjs, { exportName: 'orders' }).signature).toBe('aws-lambda');
  });

  it('the signature that it is told to', async () => {
    const module = { default: (request: Request) => new Response(request.method) };
    const { runtime } = startModule(module, { signature: 'fetch' });
    const event = new Request('https://a.example', { method: 'PUT' });
    const reply = await runtime.call({ kind: 'http', event, http: httpMeta() }, meta());
    expect(reply instanceof Response && (await reply.text())).toBe('PUT');
  });
});

describe('bindHandler calls methods on their own object', () => {
  it('for fetch', async () => {
    const event = new Request('https://a.example/b');
    const reply = await start(new App()).call({ kind: 'http', event, http: httpMeta() }, meta());
    expect(reply instanceof Response && (await reply.text())).toBe('app:https://a.example/b');
  });

  it('for a class with handlers, marked or not', async () => {
    class Counter {
      #count = 0;
      invoke(): number {
        this.#count += 1;
        return this.#count;
      }
    }
    for (const handler of [new Counter(), defineFunction(new Counter())]) {
      const runtime = start(handler);
      await runtime.call({ kind: 'invoke', event: null }, meta());
      expect(await runtime.call({ kind: 'invoke', event: null }, meta())).toBe(2);
    }
  });
});

describe('bindHandler refuses', () => {
  it('a module without a handler, and lists what it exports', () => {
    const message = refusal({ run: lambda, VERSION: 3, Orders: class Orders {} });
    expect(message).toContain('neither "default" nor "handler"');
    expect(message).toContain('run (a function), VERSION (a number), Orders (a class');
    expect(message).toContain('defineFunction');
    expect(refusal({})).toContain('The module exports: nothing.');
  });

  it('an export that is missing', () => {
    const message = refusal({ default: { invoke } }, { exportName: 'orders' });
    expect(message).toContain('no export "orders"');
    expect(message).toContain('default (an object with invoke)');
  });

  it.each<[string, unknown, string]>([
    ['text', 'handler', 'a string'],
    ['null', null, 'null'],
    ['an object without kinds', { onQueue: invoke }, 'an object with onQueue'],
    ['a class', class Orders {}, 'a class (export an instance of it'],
    ['an array', [lambda], 'an array'],
  ])('an export that is %s', (_name, value, words) => {
    expect(refusal({ default: value })).toContain(
      `The export "default" is no handler: it is ${words}`,
    );
  });

  it('a function that handles nothing', () => {
    expect(refusal({ default: defineFunction({}) })).toContain('it handles nothing');
  });

  it('a kind that is no function', () => {
    const message = refusal({ default: { invoke, queue: 'orders' } });
    expect(message).toBe('"queue" of the export "default" is a string; it must be a function.');
  });

  it.each([
    ['aws-lambda', { invoke }, 'needs a function (event, context)'],
    ['fetch', { invoke }, 'needs an object with fetch(request)'],
    ['polyfaas', lambda, 'it handles nothing'],
  ] as const)('an export that does not fit the signature %s', (signature, value, words) => {
    expect(refusal({ default: value, handler: { fetch: invoke } }, { signature })).toContain(words);
  });
});

describe('defineFunction', () => {
  it('returns the object it was given, or a copy of a frozen one', () => {
    const handlers = { invoke };
    expect(defineFunction(handlers)).toBe(handlers);
    const frozen = Object.freeze({ invoke });
    expect(bindHandler({ default: defineFunction(frozen) }).handles).toEqual(['invoke']);
  });

  it('keeps the methods of a frozen object of a class', () => {
    class Orders {
      readonly rate = 2;
      invoke(input: number): number {
        return input * this.rate;
      }
    }
    const orders: { invoke(input: number): number } = Object.freeze(new Orders());
    const defined = defineFunction(orders);
    expect(bindHandler({ default: defined }).handles).toEqual(['invoke']);
    expect(defined).toBeInstanceOf(Orders);
    expect(defined).toHaveProperty('rate', 2);
  });
});
