import { describe, expectTypeOf, it } from 'vitest';
import {
  createServerlessManager,
  type JsonValue,
  type PolyfaasConfig,
  type ServerlessManager,
  type TargetedInvokeResult,
  type TypedManager,
} from 'polyfaas';
import { defineFunction } from 'polyfaas/function';
import { LOCAL } from 'polyfaas/local';

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

/** Never run. */
const made = () =>
  createServerlessManager({
    app: 'shop',
    functions: { orders: { entry: 'a.ts' }, users: { entry: 'b.ts' } },
  });
const names = {
  each: (one: Awaited<ReturnType<typeof made>>) => one.functions.map((name) => one.plan(name)),
  failed: async (one: Awaited<ReturnType<typeof made>>) => {
    const { outcomes } = await one.deployAll({ only: ['users'] });
    return outcomes.map(({ name }) => name);
  },
  // @ts-expect-error "order" is not configured
  wrong: (one: Awaited<ReturnType<typeof made>>) => one.invoke('order'),
  // @ts-expect-error "user" is not configured
  wrongAll: (one: Awaited<ReturnType<typeof made>>) => one.deployAll({ only: ['user'] }),
  loosely: (one: Awaited<ReturnType<typeof made>>): ServerlessManager => one,
};

/** Never run: an environment may have functions of its own. */
const overlaid = () =>
  createServerlessManager({
    app: 'shop',
    functions: { orders: { entry: 'a.ts' } },
    environments: { dev: { functions: { orders: { memoryMb: 512 }, probe: { entry: 'b.ts' } } } },
  });

/** Never run: what an environment has is looked at as closely as the rest. */
const overlays = {
  misspelt: () =>
    createServerlessManager({
      functions: { orders: { entry: 'a.ts' } },
      // @ts-expect-error it is memoryMb
      environments: { dev: { functions: { orders: { memoryMB: 512 } } } },
    }),
  wrong: () =>
    createServerlessManager({
      // @ts-expect-error an entry is a path
      environments: { dev: { functions: { probe: { entry: 3 } } } },
    }),
  ofAny: async (config: PolyfaasConfig) => (await createServerlessManager(config)).functions,
};

/** Never run: what is sent may be of an interface, as what is invoked with. */
const sent = async (order: Order): Promise<void> => {
  const sources = manager.native(LOCAL)?.sources;
  await manager.invoke('orders', order);
  await sources?.queue('orders').send(order);
  await sources?.queue('orders').sendBatch([{ data: order }]);
  await sources?.topic('orders').publish(order);
  await sources?.bus().publish({ source: 'shop', type: 'order', data: order });
  await sources?.stream('orders').put('7', order);
  await sources?.table('orders').put(order, order);
};

/** Never run: what functions take and answer is taken from a map of their types. */
const handlers = {
  orders: defineFunction({
    invoke: (input: { id: number }) => ({ id: input.id, at: new Date() }),
  }),
  ping: defineFunction({ invoke: () => 'pong', queue() {} }),
};
const typed = {
  made: async (): Promise<TypedManager<typeof handlers>> =>
    createServerlessManager({
      functions: { orders: { entry: 'a.ts' }, ping: { entry: 'b.ts' }, users: { entry: 'c.ts' } },
    }),
  // What a file declares, the types do not see.
  ofAny: (): TypedManager<typeof handlers> => manager,
  called: (shop: TypedManager<typeof handlers>) => shop.invoke('orders', { id: 7 }),
  ofTarget: (shop: TypedManager<typeof handlers>) => shop.target('aws').invoke('ping'),
  planned: (shop: TypedManager<typeof handlers>) => shop.plan('orders'),
  // @ts-expect-error it takes a number
  wrong: (shop: TypedManager<typeof handlers>) => shop.invoke('orders', { id: '7' }),
  // @ts-expect-error it takes an input
  none: (shop: TypedManager<typeof handlers>) => shop.invoke('orders'),
  // @ts-expect-error there is no such function
  unknown: (shop: TypedManager<typeof handlers>) => shop.invoke('order', { id: 7 }),
  // @ts-expect-error "ping" is not among them
  undeclared: (shop: ServerlessManager<'orders' | 'pin'>): TypedManager<typeof handlers> => shop,
};

describe('a manager with the types of its functions', () => {
  it('answers what arrives of what the handler answers', () => {
    expectTypeOf(typed.called)
      .returns.resolves.toHaveProperty('output')
      .toEqualTypeOf<{ readonly id: number; readonly at: string }>();
    expectTypeOf(typed.ofTarget).returns.resolves.toHaveProperty('output').toEqualTypeOf<string>();
  });
});

/** Never run: functions that are declared on a condition, and those that the types do not see. */
const conditional = {
  spread: (isDev: boolean) =>
    createServerlessManager({
      functions: { orders: { entry: 'a.ts' }, ...(isDev && { seed: { entry: 'b.ts' } }) },
    }),
  either: (isDev: boolean) =>
    createServerlessManager({
      functions: { orders: { entry: 'a.ts' }, ...(isDev ? { seed: { entry: 'b.ts' } } : {}) },
    }),
  none: () => createServerlessManager({ functions: {} }),
  misspelt: () =>
    // @ts-expect-error it is entry
    createServerlessManager({ functions: { orders: { entri: 'a.ts' } } }),
  undefinedOne: () =>
    // @ts-expect-error a function that is undefined would be missed without a word
    createServerlessManager({ functions: { orders: undefined } }),
};

describe('the types of what is sent on this machine', () => {
  it('are any: what cannot be sent is told where it is', () => {
    expectTypeOf(sent).parameter(0).toEqualTypeOf<Order>();
  });
});

describe('the names of functions', () => {
  it('are also those that are declared on a condition', () => {
    expectTypeOf(conditional.spread)
      .returns.resolves.toHaveProperty('functions')
      .toEqualTypeOf<readonly ('orders' | 'seed')[]>();
    expectTypeOf(conditional.either)
      .returns.resolves.toHaveProperty('functions')
      .toEqualTypeOf<readonly ('orders' | 'seed')[]>();
    expectTypeOf(conditional.none).returns.resolves.toEqualTypeOf<ServerlessManager>();
  });

  it('are those of the configuration, wherever a manager takes or gives one', () => {
    expectTypeOf(made)
      .returns.resolves.toHaveProperty('functions')
      .toEqualTypeOf<readonly ('orders' | 'users')[]>();
    expectTypeOf(overlaid)
      .returns.resolves.toHaveProperty('functions')
      .toEqualTypeOf<readonly ('orders' | 'probe')[]>();
    expectTypeOf(overlays.ofAny).returns.resolves.toEqualTypeOf<readonly string[]>();
    expectTypeOf(names.failed).returns.resolves.toEqualTypeOf<('orders' | 'users')[]>();
    expectTypeOf(names.loosely).returns.toEqualTypeOf<ServerlessManager>();
  });
});
