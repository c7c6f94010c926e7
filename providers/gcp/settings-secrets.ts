/** The settings secrets that carry certain labels. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
import type { GcpClients } from './clients/index.ts';
import { readAll } from './events/rest.ts';

export async function settingsSecretsWith(
  gcp: GcpClients,
  projectId: string,
  labels: Readonly<Record<string, string>>,
  call: CallContext,
): Promise<readonly JsonValue[]> {
  const filter = Object.entries(labels)
    .map(([name, value]) => `labels.${name}=${value}`)
    .join(' AND ');
  const path = `/v1/projects/${projectId}/secrets`;
  const found = await readAll(
    gcp,
    { api: 'secretmanager', path, query: { filter }, field: 'secrets' },
    call,
  );
  return found ?? [];
}
