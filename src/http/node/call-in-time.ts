/** One call of the handler, as a shim makes it, and what is told of it. */
import type { TraceContext } from '../../function/context.ts';
import type { HandlerKind } from '../../function/events.ts';
import type {
  CallMeta,
  HandlerRuntime,
  RuntimeIdentity,
  ShimCall,
  ShimReply,
} from '../../function/shim.ts';
import { inTime, OverdueError } from '../in-time.ts';

/** What belongs to one call. */
export interface CallOccasion {
  readonly requestId: string;
  /** Default 1. */
  readonly attempt?: number;
  readonly trace?: TraceContext | undefined;
  readonly signal?: AbortSignal;
}

/** How a call ended. */
export interface CallEnd {
  readonly kind: HandlerKind;
  readonly requestId: string;
  readonly coldStart: boolean;
  readonly outcome: 'ok' | 'error' | 'timeout';
  readonly durationMs: number;
}

/**
 * Calls the handler within its timeout. Rejects with what it threw, or with an `OverdueError`; the handler's signal then
 * aborts.
 *
 * @param ended told of each call, whatever came of it.
 */
export async function callInTime(
  runtime: HandlerRuntime,
  { timeoutSeconds, functionName }: Pick<RuntimeIdentity, 'timeoutSeconds' | 'functionName'>,
  call: ShimCall,
  about: CallOccasion,
  ended: (end: CallEnd) => void,
): Promise<ShimReply> {
  const { requestId } = about;
  const coldStart = runtime.cold;
  const began = performance.now();
  const controller = new AbortController();
  const signal = about.signal
    ? AbortSignal.any([about.signal, controller.signal])
    : controller.signal;
  const meta: CallMeta = {
    requestId,
    attempt: about.attempt ?? 1,
    deadline: Date.now() + timeoutSeconds * 1_000,
    trace: about.trace,
  };
  let outcome: CallEnd['outcome'] = 'ok';
  try {
    return await inTime(
      runtime.call(call, meta, signal),
      timeoutSeconds * 1_000,
      `The function "${functionName}" ran longer than its ${timeoutSeconds} s.`,
    );
  } catch (error) {
    outcome = error instanceof OverdueError ? 'timeout' : 'error';
    if (outcome === 'timeout') controller.abort(error);
    throw error;
  } finally {
    const durationMs = performance.now() - began;
    ended({ kind: call.kind, requestId, coldStart, outcome, durationMs });
  }
}

/** What a shim's log holds of each call, on every platform. */
export interface CallLineFields extends CallEnd {
  readonly polyfaas: 'call';
  readonly version: string;
  readonly instanceId: string;
  /** Of the instance's start, for a cold call. */
  readonly initDurationMs: number | null;
  /** Of the process, at the end of the call. */
  readonly memoryMb: number;
}

/** @param initDurationMs of the instance. */
export function callLineOf(
  { version, instanceId = '' }: Pick<RuntimeIdentity, 'version' | 'instanceId'>,
  { kind, requestId, coldStart, outcome, durationMs }: CallEnd,
  initDurationMs: number,
): CallLineFields {
  return {
    polyfaas: 'call',
    kind,
    requestId,
    version,
    instanceId,
    coldStart,
    outcome,
    durationMs: rounded(durationMs),
    initDurationMs: coldStart ? rounded(initDurationMs) : null,
    memoryMb: rounded(process.memoryUsage.rss() / 1_048_576),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
