/** Time series of Cloud Monitoring. */
import type { CallContext } from 'polyfaas/spi';
import { GoogleApiError } from '../clients/error.ts';
import type { GcpClients, RestRequest } from '../clients/index.ts';
import { fieldsOf, listOf, textOf, textsOf } from '../json.ts';

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
  /** Of the metric, those that were grouped by. */
  readonly labels: Readonly<Record<string, string>>;
  /** `{ int64Value }`, `{ distributionValue }` ...: one for each point. */
  readonly values: readonly Readonly<Record<string, unknown>>[];
}

/** What the API says of a metric that nothing in the project has written yet, also of Google's own. */
const NEVER_WRITTEN = /cannot find metric/i;

/** Pages of an answer: a window has one point for each series, so one is the rule. */
const MAX_PAGES = 20;

/** The sums over the whole window, grouped by labels of the metric. */
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
          ...(groupBy.length === 0
            ? {}
            : {
                'aggregation.groupByFields': groupBy
                  .map((name) => `metric.labels.${name}`)
                  .join(','),
              }),
          view: 'FULL',
          ...(pageToken === '' ? {} : { pageToken }),
        },
        signal,
      }),
    );
    for (const series of listOf(answer['timeSeries'])) {
      found.push({
        labels: textsOf(fieldsOf(fieldsOf(series)['metric'])['labels']),
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
