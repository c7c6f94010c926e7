/** The settings secrets that carry certain labels. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
import type { GcpClients } from './clients/index.ts';
import { readAll } from './events/rest.ts';

/** As Secret Manager's lists take it ("Filter lists of secrets and versions"). */
export function filterOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `labels.${name}=${value}`)
    .join(' AND ');
}

export async function settingsSecretsWith(
  gcp: GcpClients,
  projectId: string,
  labels: Readonly<Record<string, string>>,
  call: CallContext,
): Promise<readonly JsonValue[]> {
  const filter = filterOf(labels);
  const path = `/v1/projects/${projectId}/secrets`;
  const found = await readAll(
    gcp,
    { api: 'secretmanager', path, query: { filter }, field: 'secrets' },
    call,
  );
  return found ?? [];
}
