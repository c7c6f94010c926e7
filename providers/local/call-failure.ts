/** What a failed call leaves in the records. */
import { ServerlessError } from 'polyfaas/spi';
import type { CallRecord } from './ports.ts';

type Failure = Pick<
  CallRecord,
  'durationMs' | 'initDurationMs' | 'coldStart' | 'outcome' | 'memoryMb'
>;

const OUTCOMES: Readonly<Partial<Record<string, Failure['outcome']>>> = {
  TIMEOUT: 'timeout',
  RATE_LIMITED: 'throttled',
  CANCELLED: 'cancelled',
};

export function failureOf(error: unknown): Failure {
  const code = ServerlessError.isInstance(error) ? error.code : 'UNKNOWN';
  const details = ServerlessError.isInstance(error) ? error.details : undefined;
  const number = (key: string): number | null => {
    const value = details?.[key];
    return typeof value === 'number' ? value : null;
  };
  return {
    durationMs: number('durationMs'),
    initDurationMs: number('initDurationMs'),
    coldStart: details?.['coldStart'] === true,
    outcome: OUTCOMES[code] ?? 'error',
    memoryMb: number('memoryMb'),
  };
}
