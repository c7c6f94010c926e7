/** Time series of Cloud Monitoring. */
import { type CallContext, ServerlessError } from 'polyfaas/spi';
import { GoogleApiError } from '../clients/error.ts';
import type { GcpClients, RestRequest } from '../clients/index.ts';
import { fieldsOf, listOf, numberOf, textOf, textsOf } from '../json.ts';

/** One service of Cloud Run, in one window. */
export interface MonitoredService {
  readonly projectId: string;
  readonly location: string;
  /** Short name. */
  readonly service: string;
  /** RFC 3339, whole minutes. */
  readonly from: string;
  readonly to: string;
}

export interface Series {
  /** Those that were grouped by, of the metric and of the resource, by their names alone. */
  readonly labels: Readonly<Record<string, string>>;
  /** `{ int64Value }`, `{ distributionValue }` ...: one for each point. */
  readonly values: readonly Readonly<Record<string, unknown>>[];
}

/** What the API says of a metric that nothing in the project has written yet, also of Google's own. */
const NEVER_WRITTEN = /cannot find metric/i;

/** Pages of an answer: a window has one point for each series, so one is the rule. */
const MAX_PAGES = 20;

/**
 * The sums over the whole window.
 *
 * @param groupBy labels: `metric.labels.NAME` or `resource.labels.NAME`
 * @throws ServerlessError UNAVAILABLE or PERMISSION_DENIED where the API answers, and tells that it could not read.
 */
export async function sumsOf(
  gcp: GcpClients,
  metric: string,
  groupBy: readonly string[],
  { projectId, location, service, from, to }: MonitoredService,
  { signal }: CallContext,
): Promise<readonly Series[]> {
  const seconds = Math.max(60, (Date.parse(to) - Date.parse(from)) / 1_000);
  const found: Series[] = [];
  let pageToken = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = fieldsOf(
      await listed(gcp, {
        api: 'monitoring',
        method: 'GET',
        path: `/v3/projects/${projectId}/timeSeries`,
        query: {
          filter: [
            `metric.type="run.googleapis.com/${metric}"`,
            'resource.type="cloud_run_revision"',
            `resource.labels.service_name="${service}"`,
            `resource.labels.location="${location}"`,
          ].join(' AND '),
          'interval.startTime': from,
          'interval.endTime': to,
          'aggregation.alignmentPeriod': `${seconds}s`,
          'aggregation.perSeriesAligner': 'ALIGN_DELTA',
          'aggregation.crossSeriesReducer': 'REDUCE_SUM',
          ...(groupBy.length === 0 ? {} : { 'aggregation.groupByFields': groupBy.join(',') }),
          view: 'FULL',
          ...(pageToken === '' ? {} : { pageToken }),
        },
        signal,
      }),
    );
    requireRead(answer, metric, service);
    for (const series of listOf(answer['timeSeries'])) {
      found.push({
        labels: { ...labelsOf(series, 'resource'), ...labelsOf(series, 'metric') },
        values: listOf(fieldsOf(series)['points']).map((point) =>
          fieldsOf(fieldsOf(point)['value']),
        ),
      });
    }
    pageToken = textOf(answer['nextPageToken']);
    if (pageToken === '') break;
  }
  return found;
}

function labelsOf(series: unknown, of: 'metric' | 'resource'): Readonly<Record<string, string>> {
  return textsOf(fieldsOf(fieldsOf(series)[of])['labels']);
}

/** `google.rpc.Code` */
const DENIED = 7;

/** An answer of 200 may lack series that could not be read: these are no zeros. */
function requireRead(
  { executionErrors }: Readonly<Record<string, unknown>>,
  metric: string,
  service: string,
): void {
  const errors = listOf(executionErrors).map((error) => {
    const { code, message } = fieldsOf(error);
    return { code: numberOf(code), message: textOf(message) };
  });
  if (errors.length === 0) return;
  const said = errors.map(({ code, message }) => {
    const number = `code ${code ?? 'unknown'}`;
    return message === '' ? number : `${message} (${number})`;
  });
  const what = `Cloud Monitoring could not read the metric run.googleapis.com/${metric} of ${service}: ${said.join('; ')}.`;
  throw errors.some(({ code }) => code === DENIED)
    ? new ServerlessError({
        code: 'PERMISSION_DENIED',
        provider: 'gcp',
        message: `${what} Give the credentials in use the role "roles/monitoring.viewer" on the project.`,
      })
    : new ServerlessError({
        code: 'UNAVAILABLE',
        retryable: true,
        provider: 'gcp',
        message: `${what} Run the same operation again.`,
      });
}

async function listed(gcp: GcpClients, request: RestRequest): Promise<unknown> {
  try {
    return await gcp.rest(request);
  } catch (error) {
    const isNone =
      error instanceof GoogleApiError && error.status === 404 && NEVER_WRITTEN.test(error.message);
    if (isNone) return {};
    throw error;
  }
}
