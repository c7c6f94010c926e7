import { describe, expect, expectTypeOf, it } from 'vitest';
import type { ServerlessManager } from 'polyfaas';
import {
  defineFunction,
  type BusEvent,
  type FunctionContext,
  type HttpContext,
  type InputOf,
  type JsonProblem,
  type JsonReceived,
  type JsonValue,
  type OutputOf,
  type QueueBatch,
  type QueueMessage,
  type StreamBatch,
  type StreamRecord,
  type TopicMessage,
} from 'polyfaas/function';

interface Order {
  readonly id: number;
  readonly at: Date;
  readonly note?: string;
  readonly lines: readonly { readonly sku: string }[];
}
interface Tree {
  readonly children: readonly Tree[];
}
declare const order: Order;

describe('the types of defineFunction', () => {
  it('infer input and output of invoke', () => {
    const handler = defineFunction({
      invoke: async (input: { id: number }, context) => {
        expectTypeOf(context).toEqualTypeOf<FunctionContext>();
        return { doubled: input.id * 2 };
      },
    });
    expectTypeOf(handler.invoke).parameter(0).toEqualTypeOf<{ id: number }>();
    expectTypeOf<Awaited<ReturnType<typeof handler.invoke>>>().toEqualTypeOf<{ doubled: number }>();
    expect(typeof handler.invoke).toBe('function');
  });

  it('take an input without an annotation as a JsonValue', () => {
    const handler = defineFunction({
      invoke(input) {
        expectTypeOf(input).toEqualTypeOf<JsonValue>();
        return input;
      },
    });
    expectTypeOf(handler.invoke).parameter(0).toEqualTypeOf<JsonValue>();
  });

  it('refuse an input that JSON never brings', () => {
    // @ts-expect-error -- a Date arrives as a text
    defineFunction({ invoke: (input: { at: Date }) => input.at.getTime() });
    // @ts-expect-error -- a Map is refused where it is sent
    defineFunction({ invoke: (input: { by: Map<string, number> }) => input.by.size });
    const optional = defineFunction({ invoke: (input?: { id: number }) => input?.id ?? null });
    const open = defineFunction({ invoke: (input: unknown) => String(input) });
    expectTypeOf<OutputOf<typeof open>>().toEqualTypeOf<string>();
    expect([optional, open]).toHaveLength(2);
  });

  it('tell callers what goes in and what arrives', async () => {
    const handler = defineFunction({
      invoke: async (input: { id: number }) => ({ ...order, id: input.id }),
      queue: () => ({ retry: order.note === undefined ? undefined : [order.note] }),
    });
    expectTypeOf<InputOf<typeof handler>>().toEqualTypeOf<{ id: number }>();
    expectTypeOf<OutputOf<typeof handler>>().toEqualTypeOf<{
      readonly id: number;
      readonly at: string;
      readonly note?: string;
      readonly lines: readonly { readonly sku: string }[];
    }>();
    const silent = defineFunction({ invoke: () => {} });
    expectTypeOf<OutputOf<typeof silent>>().toEqualTypeOf<null>();
    type Calls = (name: string) => Promise<OutputOf<typeof handler>>;
    const typed = (manager: ServerlessManager): Calls => {
      return async (name) => (await manager.invoke<OutputOf<typeof handler>>(name)).output;
    };
    // A wrapper for any answer.
    const any = async <Answer extends JsonReceived<Answer>>(
      manager: ServerlessManager,
    ): Promise<Answer> => (await manager.invoke<Answer>('orders')).output;
    expect([typeof typed, typeof any]).toEqual(['function', 'function']);
  });

  it('give the other handlers their events', () => {
    const handler = defineFunction({
      http: (request, context) => {
        expectTypeOf(request).toEqualTypeOf<Request>();
        expectTypeOf(context).toEqualTypeOf<HttpContext>();
        return new Response();
      },
      queue: (batch) => {
        expectTypeOf(batch).toEqualTypeOf<QueueBatch>();
        return { retry: batch.messages.map(({ id }) => id) };
      },
    });
    expectTypeOf(handler.http).toBeFunction();
    expectTypeOf(handler.topic).toBeNullable();
  });

  it('take explicit types', () => {
    const handler = defineFunction<{ a: 1 }, { b: 2 }>({ invoke: () => ({ b: 2 }) });
    expectTypeOf<Parameters<NonNullable<typeof handler.invoke>>[0]>().toEqualTypeOf<{ a: 1 }>();
  });

  it('take outputs that JSON carries', () => {
    defineFunction({ invoke: () => order });
    defineFunction({ invoke: async () => {} });
    defineFunction({ invoke: (tree: Tree) => tree });
    defineFunction({ invoke: () => ({ at: new Date(), where: new URL('https://a.example') }) });
    defineFunction({ invoke: (input: number) => (input > 1 ? null : [input]) });
    defineFunction({ invoke: (): unknown => JSON.parse('1') });
    defineFunction({ invoke: (): any => 1 });
    class Orders {
      invoke(input: number): { readonly id: number } {
        return { id: input };
      }
    }
    const handler = defineFunction(new Orders());
    expectTypeOf(handler.invoke).parameter(0).toEqualTypeOf<number>();
    expect(handler.invoke).toBe(Orders.prototype.invoke);
  });

  it('refuse outputs that JSON loses', () => {
    // @ts-expect-error "$ is a Map: send Object.fromEntries(map)"
    defineFunction({ invoke: () => new Map<string, number>() });
    // @ts-expect-error "$.total is a bigint: send it as a string"
    defineFunction({ invoke: async () => ({ total: 1n }) });
    // @ts-expect-error "$.list[].run is a function: only data can be sent"
    defineFunction({ invoke: () => ({ list: [{ run: () => 1 }] }) });
    // @ts-expect-error "$.bytes holds bytes: send base64 text"
    defineFunction({ invoke: (id: string) => ({ id, bytes: new Uint8Array() }) });
    // @ts-expect-error "$.tags is a Set: send [...set]", in one of two answers
    defineFunction({ invoke: (id: string) => (id === '' ? { tags: new Set([id]) } : { id }) });
    // @ts-expect-error "$ is a Response: only http handlers return one"
    defineFunction({ invoke: () => new Response() });
  });

  it('name the place and the remedy', () => {
    expectTypeOf<
      JsonProblem<{ a: { b: bigint }[] }>
    >().toEqualTypeOf<'$.a[].b is a bigint: send it as a string'>();
    expectTypeOf<JsonProblem<Order>>().toBeNever();
    expectTypeOf<JsonProblem<Tree>>().toBeNever();
    expectTypeOf<
      JsonProblem<{ x?: symbol }>
    >().toEqualTypeOf<'$.x is a symbol: send its description'>();
  });

  it('refuse kinds that do not exist and wrong answers', () => {
    // @ts-expect-error no such kind
    defineFunction({ invoke: () => 1, quue: () => {} });
    // @ts-expect-error Lambda's field, not ours
    defineFunction({ queue: () => ({ batchItemFailures: [] }) });
    // @ts-expect-error http answers with a Response
    defineFunction({ http: () => 'text' });
  });
});

/** As users declare what they send: interfaces, some within others. */
interface Line {
  readonly sku: string;
  readonly note?: string | undefined;
}
interface Basket {
  readonly id: number;
  readonly lines: readonly Line[];
  readonly replaces?: Basket;
}

describe('the types of events', () => {
  it('take interfaces, and types that contain them', () => {
    expectTypeOf<QueueBatch<Basket>['messages'][number]['data']>().toEqualTypeOf<Basket>();
    expectTypeOf<QueueMessage<{ readonly of: Basket }>['data']['of']>().toEqualTypeOf<Basket>();
    expectTypeOf<TopicMessage<Basket | null>['data']>().toEqualTypeOf<Basket | null>();
    expectTypeOf<StreamBatch<Basket[]>['records'][number]['data']>().toEqualTypeOf<Basket[]>();
    expectTypeOf<StreamRecord<readonly [Basket, 1]>['data'][0]>().toEqualTypeOf<Basket>();
    expectTypeOf<BusEvent<Tree>['data']>().toEqualTypeOf<Tree>();
  });

  it('take other types as before, and are of any JSON by default', () => {
    expectTypeOf<QueueMessage['data']>().toEqualTypeOf<JsonValue>();
    expectTypeOf<BusEvent<'a' | 1>['data']>().toEqualTypeOf<'a' | 1>();
    const idOf = <Data extends JsonValue>(message: QueueMessage<Data>): Data => message.data;
    expectTypeOf(idOf<{ id: number }>).returns.toEqualTypeOf<{ id: number }>();
  });

  it('refuse what does not come out of JSON', () => {
    // @ts-expect-error "$ has a toJSON: declare what arrives, such as a string for a Date"
    expectTypeOf<QueueMessage<Date>>().toBeObject();
    // @ts-expect-error "$.at has a toJSON", deep in an interface
    expectTypeOf<QueueBatch<{ readonly orders: readonly Order[] }>>().toBeObject();
    // @ts-expect-error "$ is a Map: send Object.fromEntries(map)"
    expectTypeOf<TopicMessage<Map<string, string>>>().toBeObject();
    // @ts-expect-error "$.total is a bigint: send it as a string", in one of two
    expectTypeOf<StreamRecord<Basket | { readonly total: bigint }>>().toBeObject();
    // @ts-expect-error "$.run is a function: only data can be sent"
    expectTypeOf<StreamBatch<{ run(): void }>>().toBeObject();
    // @ts-expect-error "$ is undefined: it arrives as null"
    expectTypeOf<BusEvent<Basket | undefined>>().toBeObject();
  });
});

describe('the types of defineFunction, with data of events', () => {
  it('are those that the handlers say, each its own', () => {
    const handler = defineFunction({
      invoke: (input: Basket) => input,
      queue(batch: QueueBatch<Basket>) {
        return { retry: batch.messages.map(({ data }) => data.id.toFixed()) };
      },
      topic: async (message: TopicMessage<Line>) => void message.data.sku,
      stream: (batch: StreamBatch<readonly Line[]>) => void batch.records[0]?.data[0]?.sku,
      bus: (event: BusEvent<{ readonly of: Basket }>) => void event.data.of.id,
    });
    expectTypeOf(handler.queue).parameter(0).toEqualTypeOf<QueueBatch<Basket>>();
    expectTypeOf(handler.topic).parameter(0).toEqualTypeOf<TopicMessage<Line>>();
    expectTypeOf(handler.bus).parameter(0).toEqualTypeOf<BusEvent<{ readonly of: Basket }>>();
  });

  it('log what programs have at hand', () => {
    class Money {
      readonly amount = 3n;
      readonly note: string | undefined;
    }
    const logs = (log: FunctionContext['log']): void => {
      log.info('an interface without an index signature', order);
      log.info('optional fields', { note: order.note, at: order.at });
      log.warn('instances', { price: new Money(), by: new Map([['sku', new Set([1])]]) });
      log.error('an error', new TypeError('t'));
      try {
        log.debug('a tree', { tree: { children: [] } satisfies Tree });
      } catch (error) {
        log.error('what was caught', { error });
      }
      // @ts-expect-error -- a text is no field
      log.info('a text', 'text');
    };
    expect(logs).toBeTypeOf('function');
  });
});
