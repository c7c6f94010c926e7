/** A version that is kept, and whose revision somebody deleted: nobody can go back to it, and no deploy may take it for there. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { at } from '../clients/json.ts';
import { ifThere } from '../errors.ts';
import { isKept } from '../observe.ts';
import { RECORD_ANNOTATION } from '../record.ts';
import { encodeRecord } from '../record-text.ts';
import type { TrafficInput } from '../steps.ts';
import { refusal, shortName } from './refusals.ts';
import { changeSecret, presentSecret } from './secret.ts';

/**
 * Asked before anything is written: traffic that names a revision that is gone fails, and stands in the way of every build
 * until it is put right. The note of the version goes, so that the next deploy builds it anew.
 *
 * @throws ServerlessError CONFLICT when it is gone.
 */
export async function refuseLost(
  gcp: GcpClients,
  { service, revision, secret }: Pick<TrafficInput, 'service' | 'revision' | 'secret'>,
  call: CallContext,
): Promise<void> {
  if (!(await isLost(gcp, { service, revision }, call))) return;
  const others = await forget(gcp, secret, revision, call);
  const choice =
    others.length === 0
      ? 'no other version is kept to roll back to'
      : `to roll back, choose another version (${others.join(', ')})`;
  throw refusal(
    'CONFLICT',
    `"${shortName(service)}": the version cannot be brought back, because somebody deleted its revision "${revision}". Traffic stays where it is. Deploy again what you declared, and it is built anew; ${choice}.`,
  );
}

/** True for one that is gone, or about to be. @param revision its short name */
export async function isLost(
  gcp: GcpClients,
  { service, revision }: Pick<TrafficInput, 'service' | 'revision'>,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<boolean> {
  const path = `/v2/${service}/revisions/${revision}`;
  const found = await ifThere(gcp.rest({ api: 'run', method: 'GET', path, signal }));
  return found === undefined || at(found, 'deleteTime') !== undefined;
}

/** @returns the versions that can be gone back to instead. */
async function forget(
  gcp: GcpClients,
  secret: string,
  revision: string,
  call: CallContext,
): Promise<readonly string[]> {
  const present = await presentSecret(gcp, secret, call);
  if (present?.record === undefined) return [];
  const { record, etag } = present;
  const versions = record.versions.filter((note) => note.revision !== revision);
  const text = encodeRecord({ ...record, versions });
  if (text !== undefined && versions.length < record.versions.length) {
    const annotations = { ...present.annotations, [RECORD_ANNOTATION]: text };
    await changeSecret(gcp, secret, { etag, annotations }, call);
  }
  return versions
    .filter((note) => isKept(note) && note.version !== record.live)
    .map(({ version }) => version);
}
