import { describe, expectTypeOf, it } from 'vitest';
import type { JsonValue, ServerlessManager, TargetedInvokeResult } from 'polyfaas';

interface Line {
  readonly sku: string;
  readonly note?: string;
}
interface Order {
  readonly id: number;
  readonly lines: readonly Line[];
}
declare const manager: ServerlessManager;

/** Never run: what is looked at is whether it compiles. */
const calls = {
  byDefault: () => manager.invoke('orders'),
  ofInterface: () => manager.invoke<Order>('orders', { id: 1 }),
  ofMore: () => manager.invoke<{ readonly orders: Order[]; readonly next: string | null }>('list'),
  ofAlias: () => manager.invoke<{ got: 1 }>('orders'),
  ofAny: <Output extends JsonValue>() => manager.invoke<Output>('orders'),
  inferred: async (): Promise<Order> => (await manager.invoke<Order>('orders')).output,
  expected: (): Promise<TargetedInvokeResult<Order>> => manager.invoke('orders'),
  // @ts-expect-error "$ has a toJSON: declare what arrives, such as a string for a Date"
  ofDate: () => manager.invoke<Date>('orders'),
  // @ts-expect-error "$ is a Map: send Object.fromEntries(map)"
  ofMap: () => manager.invoke<Map<string, Order>>('orders'),
  // @ts-expect-error "$.order.total is a bigint: send it as a string"
  ofBigint: () => manager.invoke<{ order: Order & { total: bigint } }>('orders'),
  // @ts-expect-error "$[] is a function: only data can be sent"
  ofFunctions: () => manager.invoke<(() => void)[]>('orders'),
  // @ts-expect-error "$ is undefined: it arrives as null"
  ofNothing: () => manager.invoke<undefined>('orders'),
};

describe('the types of invoke', () => {
  it('are any JSON by default, and what the caller says otherwise, interfaces too', () => {
    expectTypeOf(calls.byDefault).returns.resolves.toEqualTypeOf<TargetedInvokeResult>();
    expectTypeOf(calls.ofInterface).returns.resolves.toEqualTypeOf<TargetedInvokeResult<Order>>();
    expectTypeOf(calls.ofMore)
      .returns.resolves.toHaveProperty('output')
      .toEqualTypeOf<{ readonly orders: Order[]; readonly next: string | null }>();
    expectTypeOf(calls.ofAlias)
      .returns.resolves.toHaveProperty('output')
      .toEqualTypeOf<{ got: 1 }>();
  });
});
