/** What a handler knows about the call it serves. */
import type { JsonValue } from './json.types.ts';

/** W3C trace context of the call. */
export interface TraceContext {
  /** `00-<32 hex>-<16 hex>-<2 hex>`. */
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Severity of a log line. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Structured logging. Lines carry the request id, the version and the trace by themselves.
 *
 * Fields may be anything: what JSON has no form for is written as text or data, an `Error` as its name, message, stack
 * and cause, wherever it is. A line never throws, and never fails a call.
 *
 * @example
 * ```ts
 * import type { FunctionContext } from 'polyfaas/function';
 *
 * export function told(error: unknown, { log }: FunctionContext): void {
 *   log.error('order not sent', { error, at: new Date(), retries: 3n });
 * }
 * ```
 */
export interface FunctionLog {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** What every handler receives as its second argument. */
export interface FunctionContext {
  readonly app: string;
  readonly stage: string;
  /** The name in the configuration, not the platform's name. */
  readonly functionName: string;
  /** The deployed version that serves the call. */
  readonly version: string;
  /** Unique to this call. */
  readonly requestId: string;
  /** 1 on the first delivery. */
  readonly attempt: number;
  /** When the platform gives up, in milliseconds since the epoch. */
  readonly deadline: number;
  /** Aborted shortly before the deadline, or when the caller cancels. */
  readonly signal: AbortSignal;
  readonly memoryMb: number;
  /** True for the first call that this instance serves. */
  readonly coldStart: boolean;
  /** Stays the same for as long as the instance lives. */
  readonly instanceId: string;
  readonly trace: TraceContext | undefined;
  /** The provider's id, such as `local` or `aws`. */
  readonly provider: string;
  readonly region: string;
  readonly log: FunctionLog;
}

/** What an HTTP handler receives as its second argument. */
export interface HttpContext extends FunctionContext {
  /** The matched route, such as `/orders/{id}`. */
  readonly route: string;
  /** Decoded path parameters. */
  readonly params: Readonly<Record<string, string>>;
  /** The verified token's claims, where the route asks for one. */
  readonly claims: Readonly<Record<string, JsonValue>> | undefined;
  readonly clientAddress: string | undefined;
}
