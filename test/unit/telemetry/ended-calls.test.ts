/** Spans of calls that somebody ended: that is no failure of the platform. */
import { SpanStatusCode } from '@opentelemetry/api';
import { createServerlessManager, ServerlessError, type ServerlessManager } from 'polyfaas';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { turns } from '../../support/turns.ts';
import { stubProvider } from '../review/core-support.ts';
import { listen } from './listening.ts';

const never = (): Promise<never> => new Promise(() => {});

async function hanging(concurrentCalls = 8, clock = new ManualClock()): Promise<ServerlessManager> {
  return createServerlessManager(
    {
      app: 'shop',
      stage: 'dev',
      limits: { maxAttempts: 1, concurrentCalls },
      functions: { orders: { source: 'export default () => 1;' } },
    },
    {
      telemetry: true,
      clock,
      provider: () => stubProvider({ metrics: never, observe: never, identify: never }),
    },
  );
}

type Call = (manager: ServerlessManager, signal: AbortSignal) => Promise<unknown>;
const metrics: Call = (manager, signal) => manager.metrics('orders', { last: '1h', signal });
const describing: Call = (manager, signal) => manager.describe('orders', { signal });

const cancelled = {
  attributes: { 'error.type': 'CANCELLED' },
  status: { code: SpanStatusCode.UNSET },
};

describe('the span of a management call', () => {
  it.each([
    ['metrics', metrics, undefined],
    ['observe', describing, undefined],
    ['metrics', metrics, new ServerlessError({ code: 'NOT_FOUND', message: 'the caller’s own' })],
  ])('that its caller ends says so, and is no error: %s', async (name, call, reason) => {
    const heard = listen();
    const manager = await hanging();
    const caller = new AbortController();
    const ended = call(manager, caller.signal).catch((error: unknown) => error);
    await turns();
    caller.abort(reason);
    expect(await ended).toMatchObject({ code: 'CANCELLED' });
    expect(heard.span(`${name} orders`)).toMatchObject(cancelled);
    await manager.close();
  });

  it('that close() ends says so too, also of one that waits for its turn', async () => {
    const heard = listen();
    const manager = await hanging(1);
    const both = [manager.metrics('orders', { last: '1h' }), manager.describe('orders')];
    const ended = Promise.allSettled(both);
    await turns();
    await manager.close();
    await ended;
    expect(heard.span('metrics orders')).toMatchObject(cancelled);
    expect(heard.span('observe orders')).toMatchObject(cancelled);
  });

  it('that took too long is an error', async () => {
    const heard = listen();
    const clock = new ManualClock();
    const manager = await hanging(8, clock);
    const late = manager.metrics('orders', { last: '1h' }).catch((error: unknown) => error);
    await turns();
    await clock.advance(3_600_000);
    expect(await late).toMatchObject({ code: 'TIMEOUT' });
    expect(heard.span('metrics orders')).toMatchObject({
      attributes: { 'error.type': 'TIMEOUT' },
      status: { code: SpanStatusCode.ERROR },
    });
    await manager.close();
  });
});
