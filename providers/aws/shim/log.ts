/** Where `context.log` goes: one JSON line per entry, in the form of Lambda's own JSON log format. */
import type { CallMeta, JsonObject, LogLevel, LogSink } from 'polyfaas/function';

/** Lines that the shim itself leaves for the metrics, and for those who read the log; no log entries. */
export type Marker = 'warm' | 'verify' | 'call';

/**
 * Writes to the standard output itself: `console` is wrapped by the runtime, which would put the line into a line of
 * its own.
 */
export class LineSink implements LogSink {
  /** Lambda's own id of the call under way; the lines of `console` carry it. */
  awsRequestId = '';

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
      ...(this.awsRequestId === requestId ? {} : { awsRequestId: this.awsRequestId }),
      ...(trace === undefined ? {} : { traceparent: trace.traceparent }),
      message,
      ...(fields === undefined ? {} : { fields }),
    });
  }

  /** @param requestId ours, where there is one: then the line tells that both are the same call. */
  mark(marker: Marker, requestId = this.awsRequestId): void {
    print({
      timestamp: new Date().toISOString(),
      level: 'INFO',
      requestId,
      ...(this.awsRequestId === requestId ? {} : { awsRequestId: this.awsRequestId }),
      message: `polyfaas ${marker}`,
      polyfaas: marker,
    });
  }
}

function print(line: JsonObject): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
