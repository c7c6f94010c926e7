import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ServerlessError } from 'polyfaas';
import { KeyedMutex } from '../../../src/engine/keyed-mutex.ts';
import { runPlan } from '../../../src/engine/run-plan.ts';
import { wrapError } from '../../../src/layers/errors.ts';
import type { CallInfo } from '../../../src/layers/layer.ts';
import { NEVER_ABORTS } from '../../../src/spi/signals.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { contextOf, planOf, step } from '../review/core-support.ts';

const SECRET = 's3cr3tValue12345';
const info: CallInfo = {
  call: 'execute',
  provider: 'toy',
  function: 'orders',
  step: 'publish',
  idempotent: true,
};

/** As an HTTP client throws it: with the request that it made. */
function vendorError(): Error {
  const request = { method: 'GET', headers: { Authorization: SECRET, 'x-api-key': SECRET } };
  return Object.assign(new Error(`denied for password=${SECRET}`), { request });
}

const wrapped = (cause: unknown): ServerlessError =>
  wrapError({ classify: () => ({ code: 'UNKNOWN', retryable: false }) }, info, NEVER_ABORTS, cause);

describe('an error that is printed', () => {
  it.each([
    ['as it is', (error: unknown) => inspect(error, { depth: 10 })],
    ['in colours', (error: unknown) => inspect(error, { depth: 10, colors: true })],
    [
      'within another',
      (error: unknown) => inspect(new Error('outer', { cause: [error] }), { depth: 10 }),
    ],
  ])('shows its cause without the secrets, %s', (_how, show) => {
    const text = show(wrapped(vendorError()));
    expect(text).not.toContain(SECRET);
    expect(text).toContain('[cause]');
    expect(text).toContain("method: 'GET'");
    expect(text).toContain('denied for password=[redacted]');
  });

  it('does so too when an adapter had named it, and after a plan', async () => {
    const clock = new ManualClock();
    const cause = vendorError();
    const named = new ServerlessError({ code: 'CONFLICT', message: 'No.', provider: 'toy', cause });
    const failure = await runPlan(
      {
        clock,
        mutex: new KeyedMutex(),
        execute: () => Promise.reject(wrapped(named)),
        context: (signal) => contextOf(clock, signal),
      },
      planOf([step('publish')]),
      {},
    ).catch((error: unknown) => error);
    expect(inspect(wrapped(named), { depth: 10 })).not.toContain(SECRET);
    expect(inspect(failure, { depth: 10 })).not.toContain(SECRET);
    expect(failure).toMatchObject({ cause });
  });

  it('keeps its cause, its stack and its fields', () => {
    const cause = vendorError();
    const error = wrapped(cause);
    expect(error.cause).toBe(cause);
    expect(Object.keys(error)).not.toContain('cause');
    const text = inspect(error);
    expect(text).toContain("code: 'UNKNOWN'");
    expect(text).toContain('shown.test.ts');
  });
});

describe('an error as JSON', () => {
  it('has its message and its fields, and neither cause nor stack', () => {
    const error = new ServerlessError({
      code: 'CONFLICT',
      message: 'It has changed.',
      function: 'orders',
      details: { basedOn: 'a' },
      cause: vendorError(),
    });
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: {
        name: 'ServerlessError',
        code: 'CONFLICT',
        message: 'It has changed.',
        retryable: false,
        function: 'orders',
        details: { basedOn: 'a' },
      },
    });
  });
});
