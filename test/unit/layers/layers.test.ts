import { describe, expect, it } from 'vitest';
import { ServerlessError } from '../../../src/errors/index.ts';
import { concurrencyLayer } from '../../../src/layers/concurrency.ts';
import { errorsLayer } from '../../../src/layers/errors.ts';
import type { CallInfo, Layer, Next } from '../../../src/layers/layer.ts';
import { redact } from '../../../src/errors/redact.ts';
import { itemByItem } from '../../../src/layers/items.ts';
import { retryLayer } from '../../../src/layers/retry.ts';
import { timeoutLayer } from '../../../src/layers/timeout.ts';
import type { CallContext } from '../../../src/spi/provider.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const observe: CallInfo = {
  call: 'observe',
  provider: 'toy',
  function: 'orders',
  step: undefined,
  idempotent: true,
};
const invoke: CallInfo = { ...observe, call: 'invoke', idempotent: false };

function contextOf(clock: ManualClock, signal = new AbortController().signal): CallContext {
  return {
    signal,
    clock,
    random: () => 0.5,
    warn: () => undefined,
    artifacts: { get: () => Promise.reject(new Error('none')) },
    log: { log: () => {} },
  };
}

/** Inside out, as the standard layers are. */
function through<Value>(
  layers: readonly Layer[],
  info: CallInfo,
  context: CallContext,
  innermost: Next<Value>,
): Promise<Value> {
  let run = innermost;
  for (const layer of layers) {
    const next = run;
    run = (inner) => layer.around(info, inner, next);
  }
  return run(context);
}

const unavailable = (parts: Partial<ServerlessError> = {}): ServerlessError =>
  new ServerlessError({ code: 'UNAVAILABLE', message: 'down', retryable: true, ...parts });

describe('the errors layer', () => {
  const classified = errorsLayer({
    classify: (cause) =>
      cause instanceof Error && cause.message.includes('throttled')
        ? { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 700, didNotRun: true }
        : { code: 'UNKNOWN', retryable: false },
  });

  it('wraps a raw error once, with its place and its cause', async () => {
    const raw = new Error('throttled by the platform');
    const context = contextOf(new ManualClock());
    const error = await through([classified, classified], observe, context, () =>
      Promise.reject(raw),
    ).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'RATE_LIMITED',
      provider: 'toy',
      function: 'orders',
      retryAfterMs: 700,
      details: { didNotRun: true },
      cause: raw,
    });
  });

  it('wraps what is thrown before a promise is there', async () => {
    const context = contextOf(new ManualClock());
    const error = through([classified], observe, context, () => {
      throw new Error('at once');
    });
    await expect(error).rejects.toMatchObject({ code: 'UNKNOWN', message: 'at once' });
  });

  it('calls an abort by the caller CANCELLED', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    const context = contextOf(new ManualClock(), controller.signal);
    const error = through([classified], observe, context, ({ signal }) =>
      Promise.reject(signal.reason),
    );
    await expect(error).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it.each([
    ['key AKIAABCDEFGHIJKLMNOP is wrong', 'AKIAABCDEFGHIJKLMNOP'],
    ['Authorization: Bearer abc.def-ghi_jkl refused', 'abc.def-ghi_jkl'],
    ['GET https://x.example/?sig=s3cr3ts1g&x=1', 's3cr3ts1g'],
    ['AccountKey=Zm9vYmFyYmF6;EndpointSuffix=x', 'Zm9vYmFyYmF6'],
    ['token ghp_0123456789abcdefghij', 'ghp_0123456789abcdefghij'],
    ['{"password":"hunter22"}', 'hunter22'],
  ])('takes the credential out of: %s', (text, secret) => {
    expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toContain('[redacted]');
  });

  it('leaves an ordinary message as it is', () => {
    const text = 'Queue "orders" has a visibility timeout of 30 s; the function needs 60 s.';
    expect(redact(text)).toBe(text);
  });
});

describe('the retry layer', () => {
  const retry = (maxAttempts = 4, budget = 500): Layer => retryLayer({ maxAttempts, budget });

  it('repeats a passing failure with growing, jittered delays', async () => {
    const clock = new ManualClock();
    const at: number[] = [];
    const running = through([retry()], observe, contextOf(clock), () => {
      at.push(clock.now() - Date.UTC(2026, 0, 1));
      return at.length < 4 ? Promise.reject(unavailable()) : Promise.resolve('up');
    });
    await clock.advance(5000);
    expect(await running).toBe('up');
    // Half of 100, 200 and 400 ms, as the random number says.
    expect(at).toEqual([0, 50, 150, 350]);
  });

  it('waits as long as the platform asks', async () => {
    const clock = new ManualClock();
    let calls = 0;
    const running = through([retry()], observe, contextOf(clock), () => {
      calls += 1;
      return calls === 1 ? Promise.reject(unavailable({ retryAfterMs: 9000 })) : Promise.resolve(1);
    });
    await clock.advance(8999);
    expect(calls).toBe(1);
    await clock.advance(1);
    expect(await running).toBe(1);
  });

  it.each([
    { code: 'INVALID_ARGUMENT' },
    // It is the whole operation that may be repeated.
    { code: 'CONFLICT', retryable: true, details: { overtaken: true } },
  ] as const)('does not repeat what cannot help: $code', async (parts) => {
    let calls = 0;
    const error = new ServerlessError({ ...parts, message: 'no' });
    await expect(
      through([retry()], observe, contextOf(new ManualClock()), () => {
        calls += 1;
        return Promise.reject(error);
      }),
    ).rejects.toBe(error);
    expect(calls).toBe(1);
  });

  it.each([
    { idempotent: false, details: undefined, expected: 1 },
    { idempotent: true, details: undefined, expected: 4 },
    { idempotent: false, details: { didNotRun: true }, expected: 4 },
  ])('invokes $expected times when idempotent=$idempotent, $details', async (row) => {
    const clock = new ManualClock();
    let calls = 0;
    const running = through(
      [retry()],
      { ...invoke, idempotent: row.idempotent },
      contextOf(clock),
      () => {
        calls += 1;
        return Promise.reject(unavailable({ details: row.details }));
      },
    ).catch(() => {});
    await clock.advance(60_000);
    await running;
    expect(calls).toBe(row.expected);
  });

  it('stops repeating when the budget is used up', async () => {
    const clock = new ManualClock();
    const layer = retry(10, 10);
    let calls = 0;
    const fail = (): Promise<void> =>
      through([layer], observe, contextOf(clock), () => {
        calls += 1;
        return Promise.reject<void>(unavailable());
      }).catch(() => {});
    const first = fail();
    await clock.advance(60_000);
    await first;
    expect(calls).toBe(3);
    const second = fail();
    await clock.advance(60_000);
    await second;
    expect(calls).toBe(4);
  });
});

describe('the timeout layer', () => {
  const timeout = timeoutLayer({ attemptTimeoutSeconds: 10 });

  it('ends an attempt that hangs, and the retry outside makes another', async () => {
    const clock = new ManualClock();
    const signals: AbortSignal[] = [];
    const running = through(
      [timeout, retryLayer({ maxAttempts: 2 })],
      observe,
      contextOf(clock),
      ({ signal }) => {
        signals.push(signal);
        return signals.length === 1 ? new Promise<string>(() => {}) : Promise.resolve('second');
      },
    );
    await clock.advance(11_000);
    expect(await running).toBe('second');
    expect(signals[0]?.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('does not bound invocations: the function has a timeout of its own', () => {
    expect(timeout.applies('invoke')).toBe(false);
  });

  it('passes the caller on', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = through(
      [timeout],
      observe,
      contextOf(new ManualClock(), controller.signal),
      () => new Promise<string>(() => {}),
    );
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
});

describe('the concurrency layer', () => {
  it('lets so many through at once, in order, and survives those who leave the queue', async () => {
    const clock = new ManualClock();
    const layer = concurrencyLayer({ concurrentCalls: 2 });
    const gates: (() => void)[] = [];
    let atOnce = 0;
    let most = 0;
    const call = (signal?: AbortSignal): Promise<string> =>
      through([layer], observe, contextOf(clock, signal), async () => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        await new Promise<void>((resolve) => gates.push(resolve));
        atOnce -= 1;
        return 'done';
      });
    const controller = new AbortController();
    const running = [call(), call()];
    const leaves = call(controller.signal);
    running.push(call());
    controller.abort(new Error('left'));
    await expect(leaves).rejects.toThrow('left');
    for (let round = 0; round < 3; round += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      gates.shift()?.();
    }
    expect(await Promise.all(running)).toEqual(['done', 'done', 'done']);
    expect(most).toBe(2);
  });
});

describe('what comes item by item', () => {
  const logs: CallInfo = { ...observe, call: 'logs' };

  /** Each round either yields its texts, or fails where an error stands. */
  async function read(rounds: readonly (readonly (string | Error)[])[]): Promise<{
    readonly seen: readonly string[];
    readonly begun: number;
    readonly error?: unknown;
  }> {
    const clock = new ManualClock();
    let begun = 0;
    const items = async function* (): AsyncGenerator<string> {
      const round = rounds[begun] ?? [];
      begun += 1;
      for (const item of round) {
        if (item instanceof Error) throw item;
        yield item;
      }
    };
    const seen: string[] = [];
    const reading = (async () => {
      const provider = { classify: () => ({ code: 'UNAVAILABLE', retryable: true }) as const };
      const retry = retryLayer({ maxAttempts: 3 });
      const stream = itemByItem({ provider, retry, info: logs, items }, contextOf(clock));
      for await (const item of stream) seen.push(item);
    })().catch((error: unknown) => ({ error }));
    for (let turn = 0; turn < 4; turn += 1) await clock.advance(30_000);
    const failed = await reading;
    return { seen, begun, ...failed };
  }

  it('is begun again when it fails before the first item', async () => {
    const seen = await read([[new Error('down')], [new Error('down')], ['a', 'b']]);
    expect(seen).toEqual({ seen: ['a', 'b'], begun: 3 });
  });

  it('is not begun again after an item, which would come twice', async () => {
    const { seen, begun, error } = await read([
      ['a', new Error('down')],
      ['a', 'b'],
    ]);
    expect({ seen, begun }).toEqual({ seen: ['a'], begun: 1 });
    expect(error).toMatchObject({ name: 'ServerlessError', code: 'UNAVAILABLE' });
  });

  it('gives up after the last attempt', async () => {
    const down = [new Error('down')];
    const { seen, begun, error } = await read([down, down, down, down]);
    expect({ seen, begun }).toEqual({ seen: [], begun: 3 });
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
  });
});
