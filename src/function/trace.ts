/** W3C Trace Context: reading, making and passing on `traceparent`. */
import type { TraceContext } from './context.ts';

/** What a `traceparent` header says. */
export interface TraceParent {
  /** 32 hexadecimal characters. */
  readonly traceId: string;
  /** 16 hexadecimal characters: the caller's span. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROES = /^0+$/;

/** The specification lets a receiver drop a longer one. */
const MAX_TRACESTATE_LENGTH = 512;

/**
 * Reads a `traceparent`. Undefined when it breaks the rules: the wrong form, upper case, ids of zeroes,
 * version `ff`, or extra fields in version `00`. A later version is read as far as `00` goes.
 */
export function parseTraceparent(text: string): TraceParent | undefined {
  const match = FORM.exec(text.trim());
  if (match === null) return undefined;
  const [, version = '', traceId = '', spanId = '', flags = '', rest] = match;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (ZEROES.test(traceId) || ZEROES.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** Writes a `traceparent` of version `00`. */
export function formatTraceparent(trace: TraceParent): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? '01' : '00'}`;
}

/** The trace context that two headers give; undefined when `traceparent` is missing or breaks the rules. */
export function readTraceContext(
  traceparent: string | null | undefined,
  tracestate?: string | null,
): TraceContext | undefined {
  const parsed = typeof traceparent === 'string' ? parseTraceparent(traceparent) : undefined;
  if (parsed === undefined) return undefined;
  const context = { traceparent: formatTraceparent(parsed) };
  const keepState =
    typeof tracestate === 'string' &&
    tracestate !== '' &&
    tracestate.length <= MAX_TRACESTATE_LENGTH;
  return keepState ? { ...context, tracestate } : context;
}

/** Begins a new trace. Sampled unless told otherwise. */
export function startTrace(sampled = true): TraceContext {
  return {
    traceparent: formatTraceparent({ traceId: randomHex(16), spanId: randomHex(8), sampled }),
  };
}

/**
 * The context for a call made on behalf of `parent`: the same trace and sampling, a new span id.
 * A parent that is missing or broken begins a new trace.
 */
export function childTrace(parent: TraceContext | undefined): TraceContext {
  const parsed = parent === undefined ? undefined : parseTraceparent(parent.traceparent);
  if (parsed === undefined) return startTrace();
  const traceparent = formatTraceparent({ ...parsed, spanId: randomHex(8) });
  return parent?.tracestate === undefined
    ? { traceparent }
    : { traceparent, tracestate: parent.tracestate };
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** One call of the system's generator serves many ids: it is the dear part. */
const pool = new Uint8Array(512);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    globalThis.crypto.getRandomValues(pool);
    used = 0;
  }
  let text = '';
  for (const end = used + bytes; used < end; used += 1) text += HEX[pool[used] ?? 0] ?? '00';
  // All zeroes would be an invalid id.
  return ZEROES.test(text) ? randomHex(bytes) : text;
}
