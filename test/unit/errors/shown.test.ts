import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ServerlessError, type ServerlessErrorInit } from 'polyfaas';
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

  it.each<[string, Partial<ServerlessErrorInit>]>([
    ['with a place', { provider: 'toy' }],
    ['without one', {}],
  ])('hides what an adapter itself says that it should not, %s', (_how, place) => {
    const key = 'AKIAIOSFODNN7EXAMPLE';
    const said = new ServerlessError({
      code: 'CONFLICT',
      message: `The vault said {"password":"${SECRET}"} to ${key}.`,
      retryable: true,
      details: { attempts: [{ request: `https://x.example?a=1&sig=${SECRET}` }], count: 2 },
      cause: new ServerlessError({ code: 'UNKNOWN', message: `token=${SECRET}` }),
      ...place,
    });
    const told = wrapped(said);
    expect(told).toMatchObject({
      code: 'CONFLICT',
      message: 'The vault said {"password":"[redacted]"} to [redacted].',
      retryable: true,
      provider: 'toy',
      details: { attempts: [{ request: 'https://x.example?a=1&sig=[redacted]' }], count: 2 },
      cause: { code: 'UNKNOWN', message: 'token=[redacted]' },
    });
    for (const text of [inspect(told, { depth: 10 }), String(told.stack), JSON.stringify(told)]) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(key);
    }
  });

  it.each([
    'functions.main.env.API_KEY: there is no secret "orders-key". Set it.',
    'The variable "API_KEY": its value is too long.',
    'Invalid token: it has expired.',
  ])('leaves alone what is said with care: %s', (message) => {
    const said = new ServerlessError({ code: 'NOT_FOUND', provider: 'toy', message });
    expect(wrapped(said)).toBe(said);
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
