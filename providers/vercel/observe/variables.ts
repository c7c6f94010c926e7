/** Reads the variables of a project, and the record among them. */
import { type JsonValue, listAt, textAt, valueAt } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { ifThere } from '../errors.ts';
import type { Asking, VercelObserved } from '../model.ts';
import { newestRecord, recordNumber } from '../record-text.ts';
import type { KeptRecord } from '../record.ts';

export interface Variable {
  readonly id: string;
  readonly key: string;
  /** `plain`, `encrypted` or `sensitive`: the last can be read by nobody. */
  readonly type: string;
  readonly targets: readonly string[];
  /** Of a plain one; of others it is no value. */
  readonly value: string | undefined;
}

/** All of a project's own. Undefined when there is no project. */
export async function listVariables(
  vercel: VercelClients,
  projectId: string,
  { signal }: Asking,
): Promise<Variables | undefined> {
  const path = `/v10/projects/${encodeURIComponent(projectId)}/env`;
  const reply = await ifThere(vercel.rest({ method: 'GET', path, signal }));
  return reply === undefined ? undefined : new Variables(listAt(reply, 'envs'));
}

/** What a project has, as it was listed. */
export class Variables {
  readonly all: readonly Variable[];
  readonly #listed: readonly JsonValue[];

  constructor(listed: readonly JsonValue[]) {
    this.#listed = listed;
    this.all = listed.map((one) => ({
      id: textAt(one, 'id') ?? '',
      key: textAt(one, 'key') ?? '',
      type: textAt(one, 'type') ?? '',
      targets: texts(valueAt(one, 'target')),
      value: textAt(one, 'value'),
    }));
  }

  /** The first of that key: those of ours are there once. */
  get(key: string): Variable | undefined {
    return this.all.find((one) => one.key === key);
  }

  /** Those that hold records, also such as cannot be read; by their numbers, the greatest first. */
  get records(): readonly { readonly variable: Variable; readonly number: number }[] {
    return this.all
      .flatMap((variable) => {
        const number = recordNumber(variable.key);
        return number === undefined ? [] : [{ variable, number }];
      })
      .toSorted((a, b) => b.number - a.number);
  }

  get kept(): KeptRecord | undefined {
    return newestRecord(this.#listed);
  }

  /** Without their values, in an order that does not change: Vercel promises none. */
  get observed(): NonNullable<VercelObserved['variables']> {
    return this.all
      .map(({ id, key, type, targets }) => ({ id, key, type, targets: targets.toSorted() }))
      .toSorted((a, b) => (`${a.key} ${a.id}` < `${b.key} ${b.id}` ? -1 : 1));
  }
}

/** The value of an encrypted one. Undefined when it is gone, or cannot be read back. */
export async function readValue(
  vercel: VercelClients,
  projectId: string,
  id: string,
  { signal }: Asking,
): Promise<string | undefined> {
  const path = variablePath('v1', projectId, id);
  const reply = await ifThere(vercel.rest({ method: 'GET', path, signal }));
  return textAt(reply, 'value');
}

/** The path of one variable, at a version of the API. */
export function variablePath(version: string, projectId: string, id: string): string {
  return `/${version}/projects/${encodeURIComponent(projectId)}/env/${encodeURIComponent(id)}`;
}

/** Of a list of texts, or of one. */
export function texts(value: JsonValue | undefined): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === 'string');
}
