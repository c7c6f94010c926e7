/** Numbers from the line that the function's own entry leaves for each call, in the workspace behind Application Insights. */
import type { CallContext, Percentiles } from 'polyfaas/spi';
import type { AzureClients } from '../clients/index.ts';
import { OWN_FUNCTIONS } from '../manifest.ts';
import { moment, numberOf, quoted, runQuery, type Row } from '../telemetry/query.ts';
import type { Counts, Window } from './window.ts';

export async function readCallLines(
  azure: AzureClients,
  workspace: string,
  siteName: string,
  window: Window,
  call: CallContext,
): Promise<Counts> {
  const first = async (query: string): Promise<Row> =>
    (await runQuery(azure, workspace, query, call))[0] ?? {};
  const [row, warm, crashed] = await Promise.all([
    first(callsQuery(siteName, window)),
    first(warmQuery(siteName, window)),
    first(crashQuery(siteName, window)),
  ]);
  const lost = numberOf(crashed['crashed']) ?? 0;
  const answered = numberOf(row['invocations']) ?? 0;
  return {
    source: 'Application Insights (AppTraces and AppRequests)',
    invocations: answered + lost,
    errors: (numberOf(row['errors']) ?? 0) + lost,
    timeouts: numberOf(row['timeouts']) ?? 0,
    // A request that found no room waits; none is refused and counted.
    throttles: null,
    coldStarts: numberOf(row['coldStarts']) ?? 0,
    warmUps: numberOf(warm['warmUps']) ?? 0,
    durationMs: percentiles(row, 'duration'),
    initDurationMs: percentiles(row, 'init'),
    maxMemoryMb: numberOf(row['maxMemoryMb']),
  };
}

function traces(siteName: string, { fromMs, toMs }: Window, kind: string): string {
  return [
    'AppTraces',
    `where AppRoleName == ${quoted(siteName)}`,
    `where TimeGenerated >= ${moment(fromMs)} and TimeGenerated < ${moment(toMs)}`,
    `where Message startswith ${quoted(`{"polyfaas":"${kind}"`)}`,
  ].join(' | ');
}

function callsQuery(siteName: string, window: Window): string {
  const spread = (name: string): string =>
    [
      `${name}Average = avg(${name})`,
      ...[50, 95, 99].map((rank) => `${name}P${rank} = percentile(${name}, ${rank})`),
      `${name}Max = max(${name})`,
    ].join(', ');
  return [
    traces(siteName, window, 'call'),
    'extend line = parse_json(Message)',
    'extend outcome = tostring(line.outcome), duration = todouble(line.durationMs), init = todouble(line.initDurationMs), memory = todouble(line.memoryMb)',
    `summarize invocations = count(), errors = countif(outcome != "ok"), timeouts = countif(outcome == "timeout"), coldStarts = countif(tobool(line.coldStart)), ${spread('duration')}, ${spread('init')}, maxMemoryMb = max(memory)`,
  ].join(' | ');
}

function warmQuery(siteName: string, window: Window): string {
  return `${traces(siteName, window, 'warm')} | summarize warmUps = count()`;
}

/**
 * A call whose process ended leaves no line; the host tells of it. Its own entry never fails, and its status tells nothing:
 * it is 499 where the caller has left.
 */
function crashQuery(siteName: string, { fromMs, toMs }: Window): string {
  return [
    'AppRequests',
    `where AppRoleName == ${quoted(siteName)}`,
    `where TimeGenerated >= ${moment(fromMs)} and TimeGenerated < ${moment(toMs)}`,
    `where OperationName == ${quoted(OWN_FUNCTIONS.direct)} and Success == false`,
    'summarize crashed = count()',
  ].join(' | ');
}

function percentiles(row: Row, name: string): Percentiles | null {
  const [average, p50, p95, p99, max] = ['Average', 'P50', 'P95', 'P99', 'Max'].map((part) =>
    numberOf(row[`${name}${part}`]),
  );
  if (average == null || p50 == null || p95 == null || p99 == null || max == null) return null;
  return { average, p50, p95, p99, max };
}
