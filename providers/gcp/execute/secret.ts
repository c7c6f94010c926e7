/** The settings secret, as executors see it: labels, the record in its annotation, and the etag of both. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { textAt, textsAt } from '../clients/json.ts';
import { ifThere } from '../errors.ts';
import { RECORD_ANNOTATION, type FunctionRecord } from '../record.ts';
import { decodeRecord } from '../record-text.ts';
import type { Claim } from '../steps.ts';
import { conflict } from './refusals.ts';

export interface PresentSecret {
  readonly etag: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Undefined when none was ever written. */
  readonly record: FunctionRecord | undefined;
}

type Reading = Pick<CallContext, 'signal'>;

/** Undefined when there is none. @param name `projects/p/secrets/s` */
export async function presentSecret(
  gcp: GcpClients,
  name: string,
  { signal }: Reading,
): Promise<PresentSecret | undefined> {
  const found = await ifThere(
    gcp.rest({ api: 'secretmanager', method: 'GET', path: `/v1/${name}`, signal }),
  );
  if (found === undefined) return undefined;
  const annotations = textsAt(found, 'annotations');
  return {
    etag: textAt(found, 'etag') ?? '',
    labels: textsAt(found, 'labels'),
    annotations,
    record: decodeRecord(annotations[RECORD_ANNOTATION]),
  };
}

/** Writes labels, or annotations, unless somebody was faster: then Google refuses the etag. */
export async function changeSecret(
  gcp: GcpClients,
  name: string,
  change: {
    readonly etag: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  },
  { signal }: Reading,
): Promise<void> {
  const paths = (['labels', 'annotations'] as const).filter((one) => change[one] !== undefined);
  await gcp.rest({
    api: 'secretmanager',
    method: 'PATCH',
    path: `/v1/${name}`,
    query: { updateMask: paths.join(',') },
    body: change,
    signal,
  });
}

/**
 * @param expected null: nothing is looked at.
 * @throws ServerlessError CONFLICT when another operation has claimed the record since.
 */
export async function refuseOthers(
  gcp: GcpClients,
  name: string,
  expected: string | null,
  call: Reading,
): Promise<void> {
  if (expected === null) return;
  const present = await presentSecret(gcp, name, call);
  if (present === undefined) throw conflict(name, 'its settings secret is gone');
  if (present.record?.next !== expected) throw overtaken(name);
}

/**
 * Right before something is made: whoever has claimed the record since knows nothing of it.
 *
 * @param held undefined: nothing is looked at.
 * @throws ServerlessError CONFLICT when another operation has claimed the record since, or the function is gone.
 */
export async function refuseLate(
  gcp: GcpClients,
  held: Claim | undefined,
  call: Reading,
): Promise<void> {
  await refuseOthers(gcp, held?.secret ?? '', held?.next ?? null, call);
}

/**
 * A secret that is gone stands in no removal's way: another removal was faster.
 *
 * @param claim undefined: nothing is looked at.
 * @throws ServerlessError CONFLICT when another operation has claimed the record since.
 */
export async function refuseOvertaken(
  gcp: GcpClients,
  claim: Claim | undefined,
  call: Reading,
): Promise<void> {
  if (claim === undefined) return;
  const present = await presentSecret(gcp, claim.secret, call);
  if (present !== undefined && present.record?.next !== claim.next) throw overtaken(claim.secret);
}

export function overtaken(name: string): ReturnType<typeof conflict> {
  return conflict(name, 'another operation began after this one, and goes on');
}
