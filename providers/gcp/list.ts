/** The functions of one app and stage, by the labels of their settings secrets. */
import type { CallContext, FunctionSummary, JsonValue, Scope } from 'polyfaas/spi';
import type { GcpClients } from './clients/index.ts';
import { listAt, textAt, textsAt } from './clients/json.ts';
import { physicalNameIn } from './namesakes.ts';
import { isOfScope, scopeLabels } from './labels.ts';
import { LABEL, RECORD_ANNOTATION } from './record.ts';
import { decodeRecord } from './record-text.ts';
import { filterOf } from './settings-secrets.ts';

/** Secret Manager: at most 25,000; so few come in one answer. */
const PAGE_SIZE = 250;

export async function* list(
  gcp: GcpClients,
  scope: Scope,
  options: {
    readonly location: string;
    readonly nameOf: (name: string) => string;
  },
  { signal }: CallContext,
): AsyncGenerator<FunctionSummary> {
  const parent = `projects/${await gcp.projectId(signal)}`;
  const filter = filterOf(scopeLabels(scope));
  let pageToken = '';
  do {
    const page = await gcp.rest({
      api: 'secretmanager',
      method: 'GET',
      path: `/v1/${parent}/secrets`,
      query: { filter, pageSize: PAGE_SIZE, ...(pageToken === '' ? {} : { pageToken }) },
      signal,
    });
    for (const secret of listAt(page, 'secrets')) {
      const found = summaryOf(secret, scope, options);
      if (found) yield found;
    }
    pageToken = textAt(page, 'nextPageToken') ?? '';
  } while (pageToken !== '');
}

function summaryOf(
  secret: JsonValue,
  scope: Scope,
  { location, nameOf }: { readonly location: string; readonly nameOf: (name: string) => string },
): FunctionSummary | undefined {
  const labels = textsAt(secret, 'labels');
  if (!isOfScope(scope, labels) || (labels[LABEL.location] ?? location) !== location) {
    return undefined;
  }
  const record = decodeRecord(textsAt(secret, 'annotations')[RECORD_ANNOTATION]);
  const name = record?.name ?? labels[LABEL.function];
  const physicalName = physicalNameIn(textAt(secret, 'name') ?? '');
  if (name === undefined || physicalName === undefined) return undefined;
  // Labels can be copied. One of another name than today's is told as it is: its id in `functionIds` was changed.
  if (record === undefined && nameOf(name) !== physicalName) return undefined;
  return { name, physicalName, liveVersion: record?.live ?? null };
}
