import { ServerlessError, type ErrorCode } from 'polyfaas';
import { DirectTimeoutError } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { blameOf } from '../../../src/targets/blame.ts';

const error = (code: ErrorCode, details?: { readonly [key: string]: boolean | number }): Error =>
  new ServerlessError({ code, message: 'no', details });

describe('whose fault a failed call is', () => {
  it.each([
    ['the function failed', error('FUNCTION_FAILED'), false, false],
    ['the input is wrong', error('INVALID_ARGUMENT'), false, false],
    ['the input is too large', error('PAYLOAD_TOO_LARGE'), false, false],
    ['the caller gave up', error('CANCELLED'), false, false],
    ['the function is too slow', error('TIMEOUT', { timeoutSeconds: 30 }), false, false],
    ['nobody answered', error('TIMEOUT'), true, false],
    ['the platform is down', error('UNAVAILABLE'), true, false],
    [
      'the platform is down, and nothing ran',
      error('UNAVAILABLE', { didNotRun: true }),
      true,
      true,
    ],
    ['nobody answered, and nothing ran', error('TIMEOUT', { didNotRun: true }), true, true],
    [
      'the function is too slow, whatever else is said',
      error('TIMEOUT', { timeoutSeconds: 30, didNotRun: true }),
      false,
      false,
    ],
    ['something else is going on there', error('CONFLICT'), false, false],
    [
      'something else is going on there, and nothing ran',
      error('CONFLICT', { didNotRun: true }),
      false,
      true,
    ],
    ['the function failed, nonsense', error('FUNCTION_FAILED', { didNotRun: true }), false, false],
    [
      'the input is wrong, so nothing ran',
      error('INVALID_ARGUMENT', { didNotRun: true }),
      false,
      false,
    ],
    ['the caller gave up, so nothing ran', error('CANCELLED', { didNotRun: true }), false, false],
    ['the credentials are no good', error('UNAUTHENTICATED'), true, true],
    ['the caller may not', error('PERMISSION_DENIED'), true, true],
    ['too many calls', error('RATE_LIMITED'), true, true],
    ['the account is used up', error('QUOTA_EXCEEDED'), true, true],
    ['it is not deployed there', error('NOT_FOUND'), false, true],
    ['something else', new Error('boom'), true, false],
  ])('%s', (_what, thrown, isTargets, mayGoOn) => {
    expect(blameOf(thrown, false)).toEqual({ isTargets, mayGoOn });
  });

  it('silence is the target’s, also where the adapter knows the timeout', () => {
    const silent = new ServerlessError({
      code: 'TIMEOUT',
      message: 'no',
      details: { timeoutSeconds: 30 },
      cause: new DirectTimeoutError('no answer'),
    });
    expect(blameOf(silent, false)).toEqual({ isTargets: true, mayGoOn: false });
  });

  it('a repeat that does no harm may go on after trouble of the target', () => {
    for (const thrown of [error('UNAVAILABLE'), error('TIMEOUT'), error('UNKNOWN')]) {
      expect(blameOf(thrown, true)).toEqual({ isTargets: true, mayGoOn: true });
    }
    expect(blameOf(error('FUNCTION_FAILED'), true).mayGoOn).toBe(false);
  });
});
