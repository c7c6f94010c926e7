/** Calls of Resource Manager that many parts make. */
import type { JsonObject, JsonValue } from 'polyfaas/spi';
import type { AzureClients } from '../clients/index.ts';
import { ifThere } from '../errors.ts';
import { API } from '../names.ts';
import { listAt, textAt, textsAt } from './json.ts';

/** A resource, or undefined when it is not there. */
export async function read(
  azure: AzureClients,
  path: string,
  apiVersion: string,
  signal: AbortSignal,
): Promise<JsonValue | undefined> {
  const reply = await ifThere(azure.arm({ method: 'GET', path, apiVersion, signal }));
  return reply?.body;
}

/** All pages of a list; nothing when what holds it is not there. */
export async function* pages(
  azure: AzureClients,
  path: string,
  apiVersion: string,
  options: { readonly signal: AbortSignal; readonly query?: Readonly<Record<string, string>> },
): AsyncGenerator<JsonValue> {
  const { signal, query } = options;
  let reply = await ifThere(
    azure.arm({
      method: 'GET',
      path,
      apiVersion,
      signal,
      ...(query === undefined ? {} : { query }),
    }),
  );
  while (reply) {
    yield* listAt(reply.body, 'value');
    const next = textAt(reply.body, 'nextLink');
    if (next === undefined || next === '') return;
    reply = await azure.arm({ method: 'GET', path: next, signal });
  }
}

/** The app settings of a function app, references unresolved. */
export async function readSettings(
  azure: AzureClients,
  siteId: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const { body } = await azure.arm({
    method: 'POST',
    path: `${siteId}/config/appsettings/list`,
    apiVersion: API.web,
    signal,
  });
  return textsAt(body, 'properties');
}

/** Changes tags, and restarts nothing. Answers all that there are then. */
export async function writeTags(
  azure: AzureClients,
  id: string,
  operation: 'Merge' | 'Replace' | 'Delete',
  tags: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const change: JsonObject = { operation, properties: { tags } };
  const { body } = await azure.arm({
    method: 'PATCH',
    path: `${id}/providers/Microsoft.Resources/tags/default`,
    apiVersion: API.tags,
    body: change,
    signal,
  });
  return textsAt(body, 'properties', 'tags');
}
