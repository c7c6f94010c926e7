import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  defineFunction,
  type FunctionContext,
  type HttpContext,
  type JsonProblem,
  type JsonValue,
  type QueueBatch,
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
