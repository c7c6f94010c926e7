import { describe, expect, it, onTestFinished } from 'vitest';
import { Engine } from '../../../src/engine/engine.ts';
import { KeyedMutex } from '../../../src/engine/keyed-mutex.ts';
import { runPlan } from '../../../src/engine/run-plan.ts';
import { systemClock } from '../../../src/engine/system-clock.ts';
import { ServerlessError } from '../../../src/errors/index.ts';
import { withStandardLayers } from '../../../src/layers/index.ts';
import { redact } from '../../../src/errors/redact.ts';
import type { ServerlessProvider } from '../../../src/spi/provider.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { collect, contextOf, limits, planOf, ref, step, stubProvider } from './core-support.ts';

function unhandled(): readonly unknown[] {
  const seen: unknown[] = [];
  const note = (reason: unknown): void => void seen.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  return seen;
}

const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function engineOf(parts: Partial<ServerlessProvider>, clock = new ManualClock()): Engine {
  const provider = withStandardLayers(stubProvider(parts), limits, undefined);
  const { random, log, artifacts } = contextOf(clock);
  return new Engine({ provider, clock, random, log, artifacts });
}

describe('a call whose signal has aborted already', () => {
  it('is not sent, and leaves no rejection that nobody handles', async () => {
    const seen = unhandled();
    let sent = 0;
    const engine = engineOf({
      observe: () => {
        sent += 1;
        return Promise.reject(new Error('late'));
      },
    });
    await expect(engine.observe(ref, AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
    await turns();
    expect(sent).toBe(0);
    expect(seen).toEqual([]);
  });
});

describe('an abort', () => {
  it('during the wait between two polls leaves no timer behind', async () => {
    const clock = new ManualClock();
    const caller = new AbortController();
    const running = runPlan(
      {
        clock,
        mutex: new KeyedMutex(),
        execute: () => Promise.resolve({ done: false, pollAfterMs: 600_000 }),
        context: (signal) => contextOf(clock, signal),
      },
      planOf([step('publish')]),
      { signal: caller.signal },
    ).catch((error: unknown) => error);
    await clock.advance(0);
    caller.abort();
    expect(await running).toMatchObject({ code: 'CANCELLED' });
    await clock.advance(0);
    expect(clock.pending).toBe(0);
  });

  it('of one caller does not reach another that asks for the same identity', async () => {
    let answer = (): void => {};
    const engine = engineOf({
      identify: (call) =>
        new Promise((resolve, reject) => {
          answer = () => resolve({ account: 'a', region: 'r' });
          call.signal.addEventListener('abort', () => reject(call.signal.reason));
        }),
    });
    const first = new AbortController();
    const one = engine.identify(first.signal).catch((error: unknown) => error);
    const two = engine.identify(undefined).catch((error: unknown) => error);
    await turns();
    first.abort(new Error('the first caller gave up'));
    expect(await one).toMatchObject({ message: 'the first caller gave up' });
    answer();
    expect(await two).toEqual({ account: 'a', region: 'r' });
  });

  it('that a vendor reports in an error of its own is CANCELLED', async () => {
    const caller = new AbortController();
    const engine = engineOf({
      invoke: () => {
        caller.abort();
        return Promise.reject(Object.assign(new Error('aborted'), { name: 'AbortError' }));
      },
    });
    const request = { input: null, mode: 'sync', requestId: 'r', trace: undefined } as const;
    const invoking = engine.provider.invoke(
      ref,
      { ...request, idempotent: false },
      engine.context(caller.signal),
    );
    await expect(invoking).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('a retry', () => {
  async function invokeWith(failure: ServerlessError): Promise<number> {
    const clock = new ManualClock();
    let sent = 0;
    const engine = engineOf(
      {
        invoke: () => {
          sent += 1;
          return Promise.reject(failure);
        },
      },
      clock,
    );
    const request = { input: null, mode: 'sync', requestId: 'r', trace: undefined } as const;
    const context = engine.context(undefined);
    const invoking = engine.provider.invoke(ref, { ...request, idempotent: false }, context);
    const [outcome] = await Promise.allSettled([invoking, clock.advance(200_000)]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: failure.code } });
    return sent;
  }

  it('is not made of what will fail again, though the function did not run', async () => {
    const details = { didNotRun: true };
    const error = new ServerlessError({ code: 'NOT_FOUND', message: 'no such alias', details });
    expect(await invokeWith(error)).toBe(1);
  });

  it('is left to the caller where the platform asks for a long wait', async () => {
    const error = new ServerlessError({
      code: 'RATE_LIMITED',
      message: 'come back tomorrow',
      retryable: true,
      retryAfterMs: 86_400_000,
      details: { didNotRun: true },
    });
    expect(await invokeWith(error)).toBe(1);
  });
});

describe('a progress listener that throws', () => {
  it('does not stop a deploy half-way', async () => {
    const clock = new ManualClock();
    const { journal } = await runPlan(
      {
        clock,
        mutex: new KeyedMutex(),
        execute: () => Promise.resolve({ done: true, output: {} }),
        context: (signal) => contextOf(clock, signal),
      },
      planOf([step('store'), step('publish')]),
      {
        onProgress: () => {
          throw new Error('the progress bar is broken');
        },
      },
    );
    expect(journal.map(({ step: id, status }) => [id, status])).toEqual([
      ['store', 'done'],
      ['publish', 'done'],
    ]);
  });
});

describe('a progress listener that is async and rejects', () => {
  it('does not stop a deploy half-way either, nor end the process, and is told in the log', async () => {
    const seen = unhandled();
    const clock = new ManualClock();
    const said: unknown[] = [];
    const { journal } = await runPlan(
      {
        clock,
        mutex: new KeyedMutex(),
        execute: () => Promise.resolve({ done: true, output: {} }),
        context: (signal) => ({
          ...contextOf(clock, signal),
          log: { log: (level, message, fields) => void said.push([level, message, fields]) },
        }),
      },
      planOf([step('store')]),
      { onProgress: () => Promise.reject(new Error('the progress bar is broken')) },
    );
    await turns();
    expect(journal).toMatchObject([{ step: 'store', status: 'done' }]);
    expect(seen).toEqual([]);
    const told = { step: 'store', reason: expect.stringContaining('the progress bar is broken') };
    expect(said).toEqual([
      ['warn', 'The progress listener threw.', told],
      ['warn', 'The progress listener threw.', told],
    ]);
  });
});

describe('a progress listener that aborts as a step begins', () => {
  it('ends the plan before that step, and leaves nothing locked', async () => {
    const clock = new ManualClock();
    const mutex = new KeyedMutex();
    const caller = new AbortController();
    const sent: string[] = [];
    const running = runPlan(
      {
        clock,
        mutex,
        execute: ({ id }) => {
          sent.push(id);
          return id === 'publish'
            ? new Promise<never>(() => {})
            : Promise.resolve({ done: true, output: {} });
        },
        context: (signal) => contextOf(clock, signal),
      },
      planOf([step('store'), step('publish', { locks: ['api'] })]),
      {
        signal: caller.signal,
        onProgress: ({ step: id, status }) => {
          if (id === 'publish' && status === 'started') caller.abort();
        },
      },
    ).catch((error: unknown) => error);
    // It ends at its deadline, if nothing else does it.
    await clock.advance(60_000);
    expect(await running).toMatchObject({ code: 'CANCELLED', step: 'publish' });
    expect(sent).toEqual(['store']);
    const release = await mutex.acquire(['api'], AbortSignal.timeout(1_000));
    release();
    expect(clock.pending).toBe(0);
  });
});

describe('list and logs', () => {
  it('reject with a classified error, as every other call does', async () => {
    const engine = engineOf({
      classify: () => ({ code: 'UNAVAILABLE', retryable: false }),
      // oxlint-disable-next-line require-yield -- it fails before the first
      async *list() {
        throw new Error('Bearer abcdefghijkl is not known');
      },
      // oxlint-disable-next-line require-yield -- it fails before the first
      async *logs() {
        throw new Error('socket hang up');
      },
    });
    const context = engine.context(undefined);
    await expect(collect(engine.provider.list(ref, context))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      provider: 'stub',
      message: '[redacted] is not known',
    });
    const query = { from: '', to: '', limit: 1, follow: false };
    await expect(collect(engine.provider.logs(ref, query, context))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      function: 'orders',
    });
  });
});

describe('the clock of the machine', () => {
  it('does not take a wait of a month for none', async () => {
    let fired = 0;
    const cancel = systemClock.after(40 * 86_400_000, () => (fired += 1));
    await turns();
    await turns();
    cancel();
    expect(fired).toBe(0);
  });
});

describe('a text from outside', () => {
  it.each([
    'ASIAABCDEFGHIJKLMNOP',
    'https://s3/x?X-Amz-Security-Token=SECRETPART&a=1',
    'https://s3/x?X-Amz-Credential=SECRETPART',
    'token ya29.SECRETPART-1',
    '-----BEGIN PRIVATE KEY-----\nSECRETPART\n-----END PRIVATE KEY-----',
  ])('loses the credential in %j', (text) => {
    expect(redact(text)).toContain('[redacted]');
    expect(redact(text)).not.toMatch(/SECRETPART|ABCDEFGHIJKLMNOP/);
  });
});
