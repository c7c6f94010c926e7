/** Reads the variables of a project, and the record among them. */
import { listAt, textAt, valueAt, type JsonValue } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { ifThere } from '../errors.ts';
import type { VercelObserved } from '../model.ts';
import { newestRecord } from '../record-text.ts';
import type { KeptRecord } from '../record.ts';

export interface ReadVariables {
  readonly variables: NonNullable<VercelObserved['variables']>;
  readonly kept: KeptRecord | null;
}

/** Undefined when there is no such project. */
export async function readVariables(
  vercel: VercelClients,
  idOrName: string,
  signal: AbortSignal,
): Promise<ReadVariables | undefined> {
  const path = `/v10/projects/${encodeURIComponent(idOrName)}/env`;
  const found = await ifThere(vercel.rest({ method: 'GET', path, signal }));
  return found === undefined ? undefined : variablesOf(listAt(found, 'envs'));
}

/** Without their values: only the record is read. */
export function variablesOf(listed: readonly JsonValue[]): ReadVariables {
  const variables = listed.map((one) => ({
    id: textAt(one, 'id') ?? '',
    key: textAt(one, 'key') ?? '',
    type: textAt(one, 'type') ?? '',
    targets: targetsOf(valueAt(one, 'target')),
  }));
  return {
    // Vercel lists them in no order that it promises.
    variables: variables.toSorted((a, b) => (`${a.key} ${a.id}` < `${b.key} ${b.id}` ? -1 : 1)),
    kept: newestRecord(listed) ?? null,
  };
}

/** A list; of some old ones, one alone. */
function targetsOf(value: JsonValue | undefined): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === 'string').toSorted();
}
