/** Which of the things that were made for a function somebody else took away. */
import type { CallContext, JsonObject } from 'polyfaas/spi';
import { GoogleApiError } from '../clients/error.ts';
import type { GcpClients } from '../clients/index.ts';
import { textAt } from '../clients/json.ts';
import { lettersOf, pathOf, shortName } from '../events/names.ts';
import { notificationsOf } from '../events/object/notifications.ts';
import { read, readAll } from '../events/rest.ts';
import type { MadeSource } from '../record.ts';

/** What Pub/Sub tells as the topic of a subscription whose topic was deleted: it gets nothing any more. */
const DELETED_TOPIC = '_deleted-topic_';

interface Reading {
  readonly gcp: GcpClients;
  readonly call: CallContext;
  /** The ids of all triggers, wherever they are. */
  readonly triggers: Promise<ReadonlySet<string>>;
}

type Look = (reading: Reading, id: string) => Promise<boolean>;

/** All looks at once. Grants are not looked at: that is a policy for each, and deploys put them right where they bind. */
export async function findMissing(
  gcp: GcpClients,
  made: readonly MadeSource[],
  call: CallContext,
): Promise<readonly MadeSource[]> {
  const reading: Reading = { gcp, call, triggers: triggerIds(gcp, made, call) };
  const found = await Promise.all(
    made.map(async (one) => ((await isThere(reading, one)) ? [] : [one])),
  );
  return found.flat();
}

async function isThere(reading: Reading, { kind, id }: MadeSource): Promise<boolean> {
  try {
    return await LOOKS[kind](reading, id);
  } catch (error) {
    // What may not be looked at is taken for there.
    if (error instanceof GoogleApiError && error.status === 403) return true;
    throw error;
  }
}

const unlooked: Look = () => Promise.resolve(true);

const topic: Look = async ({ gcp, call }, id) =>
  (await read(gcp, { api: 'pubsub', path: `/v1/${pathOf(id)}` }, call)) !== undefined;

const subscription: Look = async ({ gcp, call }, id) =>
  isAlive(await read(gcp, { api: 'pubsub', path: `/v1/${pathOf(id)}` }, call));

const LOOKS: Readonly<Record<MadeSource['kind'], Look>> = {
  topic,
  ownTopic: topic,
  subscription,
  async deadLetter(reading, id) {
    const both = await Promise.all([topic(reading, id), subscription(reading, lettersOf(id))]);
    return both.every(Boolean);
  },
  async bucket({ gcp, call }, id) {
    const path = `/storage/v1/b/${encodeURIComponent(shortName(id))}`;
    return (await read(gcp, { api: 'storage', path }, call)) !== undefined;
  },
  job: async ({ gcp, call }, id) =>
    (await read(gcp, { api: 'scheduler', path: `/v1/${pathOf(id)}` }, call)) !== undefined,
  async notification({ gcp, call }, id) {
    const [bucket = '', told = ''] = id.split('#');
    const found = await notificationsOf(gcp, { bucket: shortName(bucket), topic: told }, call);
    return found !== undefined && found.length > 0;
  },
  trigger: async ({ triggers }, id) => (await triggers).has(shortName(id.split('#')[0] ?? '')),
  grant: unlooked,
  destination: unlooked,
  secret: unlooked,
};

function isAlive(found: JsonObject | undefined): boolean {
  return found !== undefined && textAt(found, 'topic') !== DELETED_TOPIC;
}

/** Wherever they are: their place is their database's, which the record does not tell. One look for all. */
async function triggerIds(
  gcp: GcpClients,
  made: readonly MadeSource[],
  call: CallContext,
): Promise<ReadonlySet<string>> {
  const [first] = made.flatMap(({ kind, id }) => (kind === 'trigger' ? [id] : []));
  if (first === undefined) return new Set();
  const everywhere = `/v1/${first.slice(0, first.lastIndexOf('/triggers/'))}/triggers`;
  const all = await readAll(gcp, { api: 'eventarc', path: everywhere, field: 'triggers' }, call);
  return new Set((all ?? []).map((one) => shortName(textAt(one, 'name') ?? '')));
}
