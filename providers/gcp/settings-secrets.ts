/** The settings secrets, found by the labels that they carry. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
import type { GcpClients } from './clients/index.ts';
import { readAll } from './events/rest.ts';
import { LABEL } from './record.ts';

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
  return await secretsThat(filterOf(labels), gcp, projectId, call);
}

/** Those of every app and stage in the project. */
export async function settingsSecretsOfAll(
  gcp: GcpClients,
  projectId: string,
  call: CallContext,
): Promise<readonly JsonValue[]> {
  return await secretsThat(`labels.${LABEL.function}:*`, gcp, projectId, call);
}

async function secretsThat(
  filter: string,
  gcp: GcpClients,
  projectId: string,
  call: CallContext,
): Promise<readonly JsonValue[]> {
  const path = `/v1/projects/${projectId}/secrets`;
  const found = await readAll(
    gcp,
    { api: 'secretmanager', path, query: { filter }, field: 'secrets' },
    call,
  );
  return found ?? [];
}
