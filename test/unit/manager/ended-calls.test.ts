import { describe, expect, it } from 'vitest';
import { createServerlessManager, ServerlessError, type ServerlessManager } from 'polyfaas';
import type { ServerlessProvider } from 'polyfaas/spi';
import { ManualClock } from '../../support/manual-clock.ts';
import { collect, stubProvider } from '../review/core-support.ts';

type Parts = Partial<ServerlessProvider>;

async function managerOn(parts: Parts, clock = new ManualClock()): Promise<ServerlessManager> {
  return createServerlessManager(
    { app: 'shop', stage: 'dev', functions: { orders: { source: 'export const x = 1;' } } },
    { telemetry: false, clock, random: () => 1, provider: () => stubProvider(parts) },
  );
}

const CALLS: Readonly<
  Record<string, (manager: ServerlessManager, signal?: AbortSignal) => Promise<unknown>>
> = {
  invoke: (manager, signal) => manager.invoke('orders', 1, { idempotent: true, signal }),
  metrics: (manager, signal) => manager.metrics('orders', { last: '1h', signal }),
  logs: (manager, signal) => collect(manager.logs('orders', { signal })),
  'logs that follow': (manager, signal) =>
    collect(manager.logs('orders', { follow: true, signal })),
  list: (manager, signal) => collect(manager.list({ signal })),
};
const names = Object.keys(CALLS);

/** Notes how often it was called, and settles as it is told. */
function allOf(settle: () => Promise<never>): {
  readonly parts: Parts;
  readonly sent: () => number;
} {
  let sent = 0;
  const one = (): Promise<never> => {
    sent += 1;
    return settle();
  };
  const each = (): AsyncIterable<never> => ({ [Symbol.asyncIterator]: () => ({ next: one }) });
  const classify = (): ReturnType<ServerlessProvider['classify']> => ({
    code: 'UNAVAILABLE',
    retryable: true,
    retryAfterMs: 30_000,
  });
  return {
    parts: { invoke: one, metrics: one, list: each, logs: each, classify },
    sent: () => sent,
  };
}

const down = () => allOf(() => Promise.reject(new Error('the platform is down')));
const silent = () => allOf(() => new Promise(() => {}));

/** Starts a call, and lets it come as far as it does. */
async function begun(
  call: string,
  manager: ServerlessManager,
  clock: ManualClock,
  signal?: AbortSignal,
): Promise<() => Promise<unknown>> {
  const running = CALLS[call]?.(manager, signal).then(
    () => 'answered',
    (error: unknown) => error,
  );
  await clock.advance(0);
  return async () => running;
}

describe('a call whose caller gives up', () => {
  it.each(names)('is CANCELLED during the pause before a repeat: %s', async (call) => {
    const clock = new ManualClock();
    const { parts, sent } = down();
    const caller = new AbortController();
    const end = await begun(call, await managerOn(parts, clock), clock, caller.signal);
    const reason = new Error('enough');
    caller.abort(reason);
    expect(await end()).toMatchObject({
      name: 'ServerlessError',
      code: 'CANCELLED',
      cause: reason,
      message: expect.stringMatching(/was cancelled by its caller\.$/),
      details: { lastFailure: { code: 'UNAVAILABLE', message: 'the platform is down' } },
    });
    await clock.advance(60_000);
    expect(sent()).toBe(1);
  });

  it.each(names)('is CANCELLED where the adapter does not notice: %s', async (call) => {
    const clock = new ManualClock();
    const caller = new AbortController();
    const end = await begun(call, await managerOn(silent().parts, clock), clock, caller.signal);
    caller.abort();
    expect(await end()).toMatchObject({ name: 'ServerlessError', code: 'CANCELLED' });
  });

  it.each(names)(
    'is CANCELLED, and no failure, when it aborts with an error of ours: %s',
    async (call) => {
      const clock = new ManualClock();
      const caller = new AbortController();
      const end = await begun(call, await managerOn(silent().parts, clock), clock, caller.signal);
      const reason = new ServerlessError({ code: 'UNAVAILABLE', message: 'my own database' });
      caller.abort(reason);
      expect(await end()).toMatchObject({ code: 'CANCELLED', cause: reason });
    },
  );

  it.each(['deploy', 'describe'] as const)(
    'with an error of ours cancels %s too',
    async (method) => {
      const caller = new AbortController();
      const reason = new ServerlessError({ code: 'UNAVAILABLE', message: 'my own database' });
      const manager = await managerOn({
        observe: () => {
          caller.abort(reason);
          return new Promise(() => {});
        },
      });
      const call = manager[method]('orders', { signal: caller.signal });
      await expect(call).rejects.toMatchObject({ code: 'CANCELLED', cause: reason });
    },
  );

  it('hears that nothing was sent only when that is so', async () => {
    const clock = new ManualClock();
    const { parts, sent } = silent();
    const manager = await managerOn(parts, clock);
    for (const call of names) {
      const end = await begun(call, manager, clock, AbortSignal.abort());
      expect(await end()).toMatchObject({ message: expect.stringContaining('nothing was sent') });
    }
    expect(sent()).toBe(0);
  });
});

describe('a call whose manager is closed', () => {
  const closed = {
    name: 'ServerlessError',
    code: 'CANCELLED',
    message: expect.stringContaining('The manager was closed during'),
  };

  it.each(names)('ends where its platform never answers: %s', async (call) => {
    const clock = new ManualClock();
    const manager = await managerOn(silent().parts, clock);
    const alone = await begun(call, manager, clock);
    const withSignal = await begun(call, manager, clock, new AbortController().signal);
    await manager.close();
    expect(await alone()).toMatchObject(closed);
    expect(await withSignal()).toMatchObject(closed);
  });

  it.each(names)('is not repeated on a closed provider: %s', async (call) => {
    const clock = new ManualClock();
    const { parts, sent } = down();
    const manager = await managerOn(parts, clock);
    const end = await begun(call, manager, clock);
    await manager.close();
    expect(await end()).toMatchObject(closed);
    await clock.advance(200_000);
    expect(sent()).toBe(1);
  });

  it('leaves answers as they are that came before', async () => {
    const clock = new ManualClock();
    const manager = await managerOn(
      {
        invoke: (_ref, { requestId }) =>
          Promise.resolve({
            output: 'fine',
            requestId,
            version: '1',
            coldStart: false,
            durationMs: 1,
            initDurationMs: null,
            instanceId: null,
          }),
      },
      clock,
    );
    const { output } = await manager.invoke('orders', 1);
    await manager.close();
    expect(output).toBe('fine');
  });
});
