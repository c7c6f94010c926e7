/** Where `context.log` goes: one JSON line per entry, in the form of Lambda's own JSON log format. */
import type { CallMeta, JsonObject, LogLevel, LogSink } from 'polyfaas/function';

/** Lines that the shim itself leaves for the metrics, and for those who read the log; no log entries. */
export type Marker = 'warm' | 'verify' | 'call' | 'ahead';

/**
 * Writes to the standard output itself: `console` is wrapped by the runtime, which would put the line into a line of
 * its own.
 */
export class LineSink implements LogSink {
  #awsRequestId = '';
  #requestId = '';
  #isLinked = false;

  /** A line of the call under way told that both its ids are the same call. */
  get isLinked(): boolean {
    return this.#isLinked;
  }

  /**
   * @param awsRequestId Lambda's own id of the call; the lines of `console` carry it.
   * @param requestId ours, where there is one.
   */
  begin(awsRequestId: string, requestId = awsRequestId): void {
    this.#awsRequestId = awsRequestId;
    this.#requestId = requestId;
    this.#isLinked = false;
  }

  write(
    level: LogLevel,
    message: string,
    fields: JsonObject | undefined,
    meta: Pick<CallMeta, 'requestId' | 'trace'>,
  ): void {
    const { requestId, trace } = meta;
    print({
      timestamp: new Date().toISOString(),
      level: level.toUpperCase(),
      requestId,
      ...this.#link(requestId),
      ...(trace === undefined ? {} : { traceparent: trace.traceparent }),
      message,
      ...(fields === undefined ? {} : { fields }),
    });
  }

  /** Of the call under way. */
  mark(marker: Marker): void {
    print({
      timestamp: new Date().toISOString(),
      level: 'INFO',
      requestId: this.#requestId,
      ...this.#link(this.#requestId),
      message: `polyfaas ${marker}`,
      polyfaas: marker,
    });
  }

  /** What an earlier call left may log now, and is none of this one. */
  #link(requestId: string): { readonly awsRequestId?: string } {
    if (requestId !== this.#requestId || requestId === this.#awsRequestId) return {};
    this.#isLinked = true;
    return { awsRequestId: this.#awsRequestId };
  }
}

function print(line: JsonObject): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
