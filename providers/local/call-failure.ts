/** What a failed call leaves in the records. */
import { ServerlessError } from 'polyfaas/spi';
import type { CallRecord, InstanceLog } from './ports.ts';

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

/** Of a call that its instance could not tell the log of: it was ended, or never ran. */
export function failureLine(
  error: unknown,
  requestId: string,
  timeMs: number,
): InstanceLog | undefined {
  if (!ServerlessError.isInstance(error)) return undefined;
  const { code, message, details } = error;
  const isToldBefore = details?.['phase'] === 'call';
  if (code !== 'TIMEOUT' && (code !== 'FUNCTION_FAILED' || isToldBefore)) return undefined;
  return { timeMs, level: 'error', message, requestId, instanceId: '' };
}
