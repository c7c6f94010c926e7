import { describe, expect, it } from 'vitest';
import { KeyedMutex } from '../../../src/engine/keyed-mutex.ts';
import { runPlan } from '../../../src/engine/run-plan.ts';
import { withStandardLayers } from '../../../src/layers/index.ts';
import type { ServerlessProvider } from '../../../src/spi/provider.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { contextOf, limits, planOf, ref, step, stubProvider } from '../review/core-support.ts';

function layered(parts: Partial<ServerlessProvider>): ServerlessProvider {
  return withStandardLayers(stubProvider(parts), { ...limits, maxAttempts: 2 }, undefined);
}

/** An adapter that hands on why it was stopped. */
const observe: ServerlessProvider['observe'] = (_ref, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

describe('why a call was stopped', () => {
  it('is TIMEOUT when an attempt took too long', async () => {
    const clock = new ManualClock();
    const reading = layered({ observe })
      .observe(ref, contextOf(clock))
      .catch((error: unknown) => error);
    for (let turn = 0; turn < 4; turn += 1) await clock.advance(60_000);
    expect(await reading).toMatchObject({ code: 'TIMEOUT', provider: 'stub', function: 'orders' });
  });

  it('is TIMEOUT when the deadline of a step comes while a repeat is waited for', async () => {
    const clock = new ManualClock();
    const { execute } = layered({
      execute: () => Promise.reject(new Error('down')),
      classify: () => ({ code: 'UNAVAILABLE', retryable: true, retryAfterMs: 30_000 }),
    });
    const running = runPlan(
      {
        clock,
        execute,
        mutex: new KeyedMutex(),
        context: (signal) => contextOf(clock, signal),
      },
      planOf([step('publish', { deadlineSeconds: 5 })]),
      {},
    ).catch((error: unknown) => error);
    await clock.advance(5_000);
    expect(await running).toMatchObject({ code: 'TIMEOUT', step: 'publish' });
  });
});
