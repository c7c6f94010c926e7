/** What only the function's log tells: one CloudWatch Logs Insights query. */
import type { CallContext, Percentiles } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import type { Window } from './window.ts';

export interface LogFacts {
  /** Null, like the next two, when the log does not reach back to the window. */
  readonly coldStarts: number | null;
  readonly warmUps: number | null;
  readonly timeouts: number | null;
  /** Null when no instance started. */
  readonly initDurationMs: Percentiles | null;
  /** Null when nothing ran. */
  readonly maxMemoryMb: number | null;
}

const NOTHING: LogFacts = {
  coldStarts: 0,
  warmUps: 0,
  timeouts: 0,
  initDurationMs: null,
  maxMemoryMb: null,
};

const UNKNOWN: LogFacts = { ...NOTHING, coldStarts: null, warmUps: null, timeouts: null };

/**
 * Reports of calls in both log formats, and the lines with which the shim marks a warm-up, and an instance that was
 * started ahead: its start stands in the report of its first call, which did not wait for it. Insights finds the fields of
 * a text report by itself (`@initDuration` in ms, `@maxMemoryUsed` in bytes), and those of a JSON line by their path.
 */
export const REPORT_QUERY = `filter @type = "REPORT" or type = "platform.report" or polyfaas = "warm" or polyfaas = "ahead"
| fields coalesce(@initDuration, record.metrics.initDurationMs) as init,
  coalesce(@maxMemoryUsed / 1000000, record.metrics.maxMemoryUsedMB) as memory,
  strcontains(@message, 'Status: timeout') as lateText,
  strcontains(@message, '"status":"timeout"') as lateJson,
  strcontains(@message, '"polyfaas":"warm"') as warm,
  strcontains(@message, '"polyfaas":"ahead"') as ahead
| stats count(init) as starts, sum(ahead) as startsAhead, avg(init) as initAverage, pct(init, 50) as initP50,
  pct(init, 95) as initP95, pct(init, 99) as initP99, max(init) as initMax,
  max(memory) as maxMemory, sum(lateText) as timeoutsText, sum(lateJson) as timeoutsJson,
  sum(warm) as warmUps`;

const POLL_MS = 500;
/** Over all polls; a query of one function's reports takes seconds. */
const PATIENCE_MS = 60_000;

/** A group that is not there, as before the first call, holds nothing. */
export async function readLogFacts(
  aws: AwsClients,
  logGroup: string,
  { fromMs, toMs }: Window,
  call: CallContext,
): Promise<LogFacts> {
  const logs = await aws.logs();
  const { clock, signal } = call;
  const options = { abortSignal: signal };
  const query = {
    logGroupNames: [logGroup],
    // Seconds; both ends belong to it, so that a line of the next minute's first second would.
    startTime: Math.floor(fromMs / 1_000),
    endTime: Math.ceil(toMs / 1_000) - 1,
    queryString: REPORT_QUERY,
    limit: 1,
  };
  const giveUpAt = clock.now() + PATIENCE_MS;
  let queryId: string | undefined;
  while (queryId === undefined) {
    try {
      ({ queryId = '' } = await logs.startQuery(query, options));
    } catch (error) {
      if (isNamed(error, 'ResourceNotFoundException')) return NOTHING;
      if (isTooOld(error)) return UNKNOWN;
      // So many queries may run at once in an account, those of others counted: some will be done soon.
      if (!isNamed(error, 'LimitExceededException') || clock.now() >= giveUpAt) throw error;
      await clock.sleep(POLL_MS, signal);
    }
  }
  for (;;) {
    const { status, results } = await logs.getQueryResults({ queryId }, options);
    if (status === 'Complete') return factsOf(results?.[0] ?? []);
    if (status !== 'Running' && status !== 'Scheduled' && status !== 'Unknown') {
      throw new Error(`The query of the log group ${logGroup} ended with status ${status}.`);
    }
    if (clock.now() >= giveUpAt) {
      throw new Error(`The query of the log group ${logGroup} took more than a minute.`);
    }
    await clock.sleep(POLL_MS, signal);
  }
}

function factsOf(
  row: readonly { readonly field?: string | undefined; readonly value?: string | undefined }[],
): LogFacts {
  const values = new Map(row.map(({ field, value }) => [field, Number(value)]));
  const number = (name: string): number => {
    const value = values.get(name);
    return value === undefined || Number.isNaN(value) ? 0 : value;
  };
  const starts = number('starts');
  return {
    // One of the two may be just outside the window.
    coldStarts: Math.max(0, starts - number('startsAhead')),
    warmUps: number('warmUps'),
    timeouts: number('timeoutsText') + number('timeoutsJson'),
    initDurationMs:
      starts === 0
        ? null
        : {
            average: number('initAverage'),
            p50: number('initP50'),
            p95: number('initP95'),
            p99: number('initP99'),
            max: number('initMax'),
          },
    maxMemoryMb: number('maxMemory') === 0 ? null : number('maxMemory'),
  };
}

function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}

/** "end date and time is either before the log groups creation time or exceeds the log groups log retention settings" */
function isTooOld(error: unknown): boolean {
  return (
    isNamed(error, 'MalformedQueryException') &&
    /creation time|retention settings/i.test(error.message)
  );
}
