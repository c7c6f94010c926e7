/** Queries of a Log Analytics workspace, in KQL. */
import type { CallContext } from 'polyfaas/spi';
import { AzureError } from '../arm/error.ts';
import type { AzureClients } from '../clients/index.ts';

/** One row, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * Runs a query.
 *
 * @param workspace the workspace's own id (`customerId`).
 * @throws AzureError when the service refuses it, and when it answers with a part of the rows only.
 */
export async function runQuery(
  azure: AzureClients,
  workspace: string,
  query: string,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<readonly Row[]> {
  const token = await azure.token('logs', signal);
  const { status, headers, text } = await azure.http({
    method: 'POST',
    url: `${azure.logsEndpoint}/v1/workspaces/${workspace}/query`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal,
  });
  const reply = parsed(text);
  const { tables } = fieldsOf(reply);
  // What stopped half-way answers 200 with what there was, and an error beside it.
  if (status !== 200 || 'error' in fieldsOf(reply) || !Array.isArray(tables)) {
    const error = fieldsOf(fieldsOf(reply)['error']);
    const retryAfterMs = Number(headers['retry-after']) * 1_000;
    throw new AzureError(
      status,
      textOf(error['code']),
      `Log Analytics did not answer a query: ${textOf(error['message']) || `status ${status}`}`,
      retryAfterMs > 0 ? { retryAfterMs } : {},
    );
  }
  const [table] = listOf(tables).map(fieldsOf);
  const names = listOf(table?.['columns']).map((column) => textOf(fieldsOf(column)['name']));
  return listOf(table?.['rows']).map((row) =>
    Object.fromEntries(listOf(row).map((value, index) => [names[index] ?? '', value])),
  );
}

/** A text as a literal of KQL. */
export function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** A moment as a literal of KQL. */
export function moment(ms: number): string {
  return `datetime(${new Date(ms).toISOString()})`;
}

export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
