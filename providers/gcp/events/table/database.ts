/** Firestore databases: they must be there, and of a kind whose changes Eventarc tells. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../../clients/index.ts';
import { textAt } from '../../clients/json.ts';
import { pathOf } from '../names.ts';
import { read, refusal } from '../rest.ts';
import type { Where } from '../steps.ts';

export interface DatabaseRef {
  readonly projectId: string;
  readonly database: string;
  /** `events.orders.table` */
  readonly field: string;
}

/** @returns the database's location, which is where its triggers are: `eur3`, `nam5`, or a region. */
export async function findDatabase(
  gcp: GcpClients,
  target: Where,
  { projectId, database, field }: DatabaseRef,
  call: CallContext,
): Promise<string> {
  const name = `projects/${projectId}/databases/${database}`;
  const found = await read(gcp, { api: 'firestore', path: `/v1/${pathOf(name)}` }, call);
  if (found === undefined) {
    throw refusal(
      target,
      'NOT_FOUND',
      `${field}: there is no Firestore database "${database}" in project "${projectId}". Make it, or name another one in providerOptions.gcp.firestoreDatabase:\ngcloud firestore databases create --database="${database}" --location=${target.location} --project=${projectId}`,
    );
  }
  const type = textAt(found, 'type') ?? 'FIRESTORE_NATIVE';
  if (type !== 'FIRESTORE_NATIVE' && type !== 'DATABASE_TYPE_UNSPECIFIED') {
    throw refusal(
      target,
      'INVALID_ARGUMENT',
      `${field}: the database "${database}" is of type ${type}, and changes are told of databases in Native mode only. Name another one in providerOptions.gcp.firestoreDatabase, such as one made with\ngcloud firestore databases create --database=NAME --type=firestore-native --location=${target.location} --project=${projectId}`,
    );
  }
  return textAt(found, 'locationId') ?? target.location;
}
