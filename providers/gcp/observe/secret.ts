/** Reads the settings secret, which says whose a function is, and holds its record. Never its value. */
import type { FunctionRef, JsonValue } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { textAt, textsAt } from '../clients/json.ts';
import { ifThere, isDenied } from '../errors.ts';
import { isOwned, isOwnedBy } from '../labels.ts';
import { LABEL, RECORD_ANNOTATION, type FunctionRecord } from '../record.ts';
import { decodeRecord } from '../record-text.ts';

export interface ReadSecret {
  readonly name: string;
  readonly etag: string;
  /** It carries this function's labels. */
  readonly isOwn: boolean;
  /** It carries those of some function of ours. */
  readonly isOwned: boolean;
  readonly location: string | null;
  readonly projectNumber: string | null;
  readonly record: FunctionRecord | undefined;
}

/** Undefined when there is none. */
export async function readSecret(
  gcp: GcpClients,
  name: string,
  ref: FunctionRef,
  signal: AbortSignal,
): Promise<ReadSecret | undefined> {
  const path = `/v1/${name}`;
  const body = await ifThere(gcp.rest({ api: 'secretmanager', method: 'GET', path, signal }));
  return body === undefined ? undefined : secretOf(body, name, ref);
}

export function secretOf(body: JsonValue, name: string, ref: FunctionRef): ReadSecret {
  const labels = textsAt(body, 'labels');
  const isOwn = isOwnedBy(ref, labels);
  return {
    name,
    etag: textAt(body, 'etag') ?? '',
    isOwn,
    isOwned: isOwned(labels),
    location: labels[LABEL.location] ?? null,
    projectNumber: numberIn(textAt(body, 'name')),
    record: isOwn ? decodeRecord(textsAt(body, 'annotations')[RECORD_ANNOTATION]) : undefined,
  };
}

/** True when the latest version is none that can be read. What may not be looked at is taken for there. */
export async function areSettingsLost(
  gcp: GcpClients,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  const path = `/v1/${name}/versions/latest`;
  try {
    const found = await ifThere(gcp.rest({ api: 'secretmanager', method: 'GET', path, signal }));
    return textAt(found, 'state') !== 'ENABLED';
  } catch (error) {
    if (isDenied(error)) return false;
    throw error;
  }
}

/** Google answers with `projects/NUMBER/secrets/s`, whatever was asked for. */
function numberIn(name = ''): string | null {
  return /^projects\/(\d+)\/secrets\//.exec(name)?.[1] ?? null;
}
