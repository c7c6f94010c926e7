import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ServerlessError } from '../../../src/errors/index.ts';
import { wrapError } from '../../../src/layers/errors.ts';
import type { CallInfo } from '../../../src/layers/layer.ts';
import { NEVER_ABORTS } from '../../../src/spi/signals.ts';

const info: CallInfo = {
  call: 'invoke',
  provider: 'toy',
  function: 'orders',
  step: undefined,
  idempotent: false,
};

/** What becomes of an error, where the adapter says this of it. */
function named(cause: unknown, classify: (cause: unknown) => unknown): ServerlessError {
  // As an adapter without types would give it.
  const error: ServerlessError = Reflect.apply(wrapError, undefined, [
    { classify },
    info,
    NEVER_ABORTS,
    cause,
  ]);
  return error;
}

const right = { code: 'UNAVAILABLE', retryable: true } as const;

describe('an adapter whose classify() gives no Classification', () => {
  it.each<[string, (cause: unknown) => unknown]>([
    ['gave nothing', () => undefined],
    ['gave null', () => null],
    ['gave "RATE_LIMITED"', () => 'RATE_LIMITED'],
    ['gave a promise', () => Promise.resolve(right)],
    ['gave code: "BANANA"', () => ({ ...right, code: 'BANANA' })],
    ['gave code: nothing', () => ({})],
    ['gave retryable: "yes"', () => ({ ...right, retryable: 'yes' })],
    ['gave retryAfterMs: NaN', () => ({ ...right, retryAfterMs: Number.NaN })],
    ['gave didNotRun: 1', () => ({ ...right, didNotRun: 1 })],
    ['gave message: an object', () => ({ ...right, message: { text: 'no' } })],
    [
      'failed',
      () => {
        throw new TypeError('no property of undefined');
      },
    ],
  ])('and %s is told with the words of the vendor', (what, classify) => {
    const cause = new RangeError('the platform said no');
    const error = named(cause, classify);
    expect(error).toBeInstanceOf(ServerlessError);
    expect(error).toMatchObject({
      code: 'UNKNOWN',
      retryable: false,
      retryAfterMs: undefined,
      provider: 'toy',
      function: 'orders',
      cause,
    });
    expect(error.message).toContain('the platform said no');
    expect(error.message).toContain('The adapter "toy"');
    expect(error.message).toContain(`its classify() ${what}. That is a defect of the adapter`);
  });

  it('leaves no rejection to the process where it is a promise', async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', onUnhandled);
    onTestFinished(() => void process.off('unhandledRejection', onUnhandled));
    named(new Error('no'), () => Promise.reject(new Error('neither do I know')));
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });
});

describe('an error that says nothing of itself', () => {
  class Getter extends Error {
    override get message(): string {
      throw new Error('not to be read');
    }
  }
  class Nameless extends Getter {
    override get name(): string {
      throw new Error('neither');
    }
  }
  it.each<[string, unknown, string]>([
    ['a message that is no text', Object.assign(new Error('x'), { message: { Code: 1 } }), 'Error'],
    ['a message that throws', new Getter(), 'Error'],
    ['a name that throws, too', new Nameless(), 'An unknown failure.'],
    ['no message', new RangeError(''), 'RangeError'],
    ['no prototype', Object.create(null), 'An unknown failure.'],
  ])('has its name told, or that it is unknown: %s', (_what, cause, message) => {
    const error = named(cause, () => right);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message, cause });
  });
});

describe('an error of ours that an adapter throws', () => {
  const thrown = new ServerlessError({ code: 'CONFLICT', message: 'Somebody else was first.' });

  it.each<[string, object]>([
    ['code: "BANANA"', { code: 'BANANA', retryable: true }],
    ['code: "BANANA"', { code: 'BANANA', provider: 'toy' }],
    ['retryable: "yes"', { retryable: 'yes' }],
    ['retryAfterMs: NaN', { retryAfterMs: Number.NaN }],
    ['message: an object', { message: {} }],
  ])('with %s is UNKNOWN, and the adapter is to blame', (what, change) => {
    const cause = Object.assign(
      new ServerlessError({ code: 'CONFLICT', message: 'Somebody else was first.' }),
      change,
    );
    const error = named(cause, () => right);
    expect(error).toMatchObject({ code: 'UNKNOWN', retryable: false, provider: 'toy', cause });
    expect(error.message).toContain(`it threw an error with ${what}. That is a defect`);
    expect(inspect(error)).toContain('defect');
  });

  it('is kept where it is right', () => {
    expect(named(thrown, () => undefined)).toMatchObject({
      code: 'CONFLICT',
      message: 'Somebody else was first.',
      provider: 'toy',
    });
  });
});
