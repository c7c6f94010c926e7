/** What an invocation gives its caller. */
import type { DirectAnswer } from '../../http/direct/index.ts';
import type { InvokeResult } from '../provider.ts';

/** Of a handler that answered. */
export function answeredResult({ $polyfaas, data }: DirectAnswer, requestId: string): InvokeResult {
  const { version, coldStart, durationMs, initDurationMs, instanceId } = $polyfaas;
  return {
    output: data ?? null,
    requestId,
    version,
    coldStart,
    durationMs,
    initDurationMs,
    instanceId,
  };
}

/** Of a call that was accepted and runs later. */
export function acceptedResult(requestId: string, version: string): InvokeResult {
  return {
    output: null,
    requestId,
    version,
    coldStart: false,
    durationMs: null,
    initDurationMs: null,
    instanceId: null,
  };
}
