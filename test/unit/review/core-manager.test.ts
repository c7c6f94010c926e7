import { describe, expect, it } from 'vitest';
import { ServerlessError } from '../../../src/errors/index.ts';
import type { ServerlessManager } from 'polyfaas';
import { answering, newShop } from '../local-provider/shop.ts';
import { collect } from './core-support.ts';

async function shopWith(
  functions: Parameters<ReturnType<typeof newShop>['open']>[0] = { orders: answering('one') },
): Promise<ServerlessManager> {
  return newShop().open(functions);
}

/** Calls a method as a program without types would. */
async function callWith(manager: object, method: string, ...given: unknown[]): Promise<unknown> {
  const found: unknown = Reflect.get(manager, method);
  if (typeof found !== 'function') throw new Error(`there is no ${method}`);
  const answer: unknown = Reflect.apply(found, manager, given);
  if (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer) {
    const items: unknown[] = [];
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- looked at above
    for await (const item of answer as AsyncIterable<unknown>) items.push(item);
    return items;
  }
  return answer;
}

describe('arguments of the wrong type', () => {
  it.each([
    ['invoke', [undefined]],
    ['invoke', [['orders']]],
    ['invoke', ['orders', 1, { requestId: 5 }]],
    ['invoke', ['orders', 1, { traceparent: 5 }]],
    ['invoke', ['orders', 1, { version: 1 }]],
    ['invoke', ['orders', 1, { mode: 'bogus' }]],
    ['invoke', ['orders', 1, { mode: 'toString' }]],
    ['invoke', ['orders', 1, { idempotent: 'false' }]],
    ['invoke', ['orders', 1, null]],
    ['invoke', ['orders', 1, { signal: {} }]],
    ['deploy', ['orders', { signal: 'no' }]],
    ['deploy', ['orders', { onProgress: 'no' }]],
    ['deploy', ['orders', { drift: 'some' }]],
    ['deploy', ['orders', { adopt: 'false' }]],
    ['deploy', ['orders', null]],
    ['deployAll', [{ only: 'orders' }]],
    ['preWarm', ['orders']],
    ['metrics', ['orders']],
    ['metrics', ['orders', {}]],
    ['metrics', ['orders', { from: 5 }]],
    ['logs', ['orders', { minLevel: 'loud' }]],
    ['logs', ['orders', { to: '2026-01-01T00:00:00Z' }]],
    ['logs', ['orders', { cursor: 5 }]],
    ['removeEvent', ['orders', undefined]],
    ['rollback', ['orders', { version: 1 }]],
    ['apply', [{}]],
  ])('%s(%j) is INVALID_ARGUMENT', async (method, given) => {
    const manager = await shopWith();
    const error = await callWith(manager, method, ...given).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ name: 'ServerlessError', code: 'INVALID_ARGUMENT' });
  });
});

describe('a signal that has aborted', () => {
  it.each(['describe', 'list', 'metrics', 'logs', 'apply', 'remove'])(
    'ends %s with CANCELLED',
    async (method) => {
      const manager = await shopWith();
      await manager.deploy('orders');
      const plan = await manager.plan('orders');
      const signal = AbortSignal.abort();
      const given: Record<string, readonly unknown[]> = {
        list: [{ signal }],
        metrics: ['orders', { last: '1h', signal }],
        apply: [{ ...plan, steps: [] }, { signal }],
      };
      await expect(
        callWith(manager, method, ...(given[method] ?? ['orders', { signal }])),
      ).rejects.toMatchObject({ code: 'CANCELLED' });
    },
  );

  it('is CANCELLED in every outcome of deployAll', async () => {
    const manager = await shopWith();
    const { outcomes } = await manager.deployAll({ signal: AbortSignal.abort() });
    const [outcome] = outcomes;
    expect(outcome).toMatchObject({ status: 'cancelled', error: { code: 'CANCELLED' } });
  });
});

describe('apply', () => {
  it('refuses a plan without steps when the function has changed meanwhile', async () => {
    const manager = await shopWith();
    await manager.deploy('orders');
    const plan = await manager.plan('orders');
    expect(plan.steps).toEqual([]);
    await manager.deploy('orders', { spec: answering('two') });
    await expect(manager.apply(plan)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('refuses a plan of another app or stage', async () => {
    const manager = await shopWith();
    const plan = await manager.plan('orders');
    const other = { ...plan, function: { ...plan.function, stage: 'production' } };
    await expect(manager.apply(other)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('production'),
    });
  });

  it('refuses, and does not run, a plan that is neither a deploy nor a rollback', async () => {
    const manager = await shopWith();
    await manager.deploy('orders');
    const plan = await manager.plan('orders', { spec: answering('two') });
    const remove = plan.steps.slice(0, 1).map((step) => ({ ...step, kind: 'remove-function' }));
    const crafted = { ...plan, operation: 'remove' as const, steps: remove };
    await expect(manager.apply(crafted)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await manager.describe('orders')).toBeDefined();
  });

  it.each([
    ['no object', null],
    ['without locks', { id: 'a', phase: 'prepare', kind: 'a', title: 'A', input: {} }],
    [
      'without a deadline',
      { id: 'a', phase: 'prepare', kind: 'a', title: 'A', input: {}, locks: [] },
    ],
  ])('refuses a plan with a step that is %s', async (_what, step) => {
    const manager = await shopWith();
    const plan = await manager.plan('orders');
    const broken = { ...plan, steps: [step] };
    await expect(callWith(manager, 'apply', broken)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('steps'),
    });
  });
});

describe('deployAll', () => {
  it('tells each function its own failure', async () => {
    const manager = await shopWith({
      broken: { entry: './not-there.ts' },
      fine: answering('one'),
    });
    const { outcomes } = await manager.deployAll();
    expect(outcomes.map(({ name, status }) => [name, status])).toEqual([
      ['broken', 'failed'],
      ['fine', 'deployed'],
    ]);
  });
});

describe('prune', () => {
  it('keeps as many versions as the defaults of the configuration say', async () => {
    const shop = newShop();
    const { createServerlessManager } = await import('polyfaas');
    await using manager = await createServerlessManager(
      {
        app: 'shop',
        provider: 'local',
        root: shop.root,
        defaults: { keepVersions: 1 },
        functions: { orders: { ...answering('one'), keepVersions: 5 }, other: answering('x') },
        providerOptions: { local: { stateFolder: shop.stateFolder } },
      },
      { telemetry: false },
    );
    for (const value of ['a', 'b', 'c']) {
      await manager.deploy('other', { spec: { ...answering(value), keepVersions: 5 } });
    }
    expect(await manager.prune('other')).toEqual({ removedVersions: ['1', '2'], warnings: [] });
  });
});

describe('data of the user that looks like a reference of a plan', () => {
  it('is refused, and not taken for one', async () => {
    const schedule = { type: 'schedule', every: '1 hour' } as const;
    const source = `export default { polyfaas: 1 }; export const handler = () => 1;`;
    const manager = await shopWith({
      orders: { source, handles: ['invoke', 'schedule'] },
    });
    const spec = {
      source,
      handles: ['invoke', 'schedule'] as const,
      events: [{ ...schedule, input: { deep: [{ $from: 'publish.version' }] } }],
    };
    await expect(manager.deploy('orders', { spec })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('$from'),
    });
  });
});

describe('a closed manager', () => {
  it('answers list with a rejection', async () => {
    const manager = await shopWith();
    await manager.close();
    const listing = manager.list();
    await expect(collect(listing)).rejects.toBeInstanceOf(ServerlessError);
  });

  it('lets a deploy that was under way end with an error that says so', async () => {
    const manager = await shopWith();
    const deploying = manager.deploy('orders').catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await manager.close();
    const outcome = await deploying;
    if (ServerlessError.isInstance(outcome)) expect(outcome.code).toBe('CANCELLED');
    else expect(outcome).toMatchObject({ changed: true });
  });
});
