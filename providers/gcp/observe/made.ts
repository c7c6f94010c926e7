/** Which of the things that were made for a function somebody else took away, or turned away from it. */
import type { Binding, CallContext, JsonObject, JsonValue } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { textAt, textsAt } from '../clients/json.ts';
import { isDenied } from '../errors.ts';
import { EVENT_LABEL } from '../events/labels.ts';
import { jobName, lettersOf, pathOf, shortName } from '../events/names.ts';
import { notificationsOf } from '../events/object/notifications.ts';
import { read, readAll } from '../events/rest.ts';
import { unixCron } from '../events/schedule/unix-cron.ts';
import { labelValue } from '../names.ts';
import type { Place } from '../place.ts';
import type { FunctionRecord, MadeSource } from '../record.ts';

/** What Pub/Sub tells as the topic of a subscription whose topic was deleted: it gets nothing any more. */
const DELETED_TOPIC = '_deleted-topic_';

/** Whose things they are, and how they should be. */
export interface Making {
  readonly place: Place;
  readonly record: Pick<FunctionRecord, 'bindings' | 'made'>;
  /** Where deliveries go; null when it is not known. */
  readonly url: string | null;
}

interface Reading extends Making {
  readonly gcp: GcpClients;
  readonly call: CallContext;
  /** All triggers, wherever they are, by their ids. */
  readonly triggers: Promise<ReadonlyMap<string, JsonValue>>;
}

type Look = (reading: Reading, id: string) => Promise<boolean>;

/**
 * All looks at once: whether each is there, is on or off as declared, and delivers to the function. Grants are not looked at:
 * that is a policy for each, and deploys put them right where they bind. No more of each is compared.
 */
export async function findMissing(
  gcp: GcpClients,
  making: Making,
  call: CallContext,
): Promise<readonly MadeSource[]> {
  const { made } = making.record;
  const reading: Reading = { ...making, gcp, call, triggers: allTriggers(gcp, made, call) };
  const found = await Promise.all(
    made.map(async (one) => ((await isRight(reading, one)) ? [] : [one])),
  );
  return found.flat();
}

async function isRight(reading: Reading, { kind, id }: MadeSource): Promise<boolean> {
  try {
    return await LOOKS[kind](reading, id);
  } catch (error) {
    // What may not be looked at is taken for there.
    if (isDenied(error)) return true;
    throw error;
  }
}

const unlooked: Look = () => Promise.resolve(true);

const topic: Look = async ({ gcp, call }, id) =>
  (await read(gcp, { api: 'pubsub', path: `/v1/${pathOf(id)}` }, call)) !== undefined;

const letters: Look = async ({ gcp, call }, id) =>
  isAlive(await read(gcp, { api: 'pubsub', path: `/v1/${pathOf(lettersOf(id))}` }, call));

const LOOKS: Readonly<Record<MadeSource['kind'], Look>> = {
  topic,
  ownTopic: topic,
  async subscription(reading, id) {
    const { gcp, call } = reading;
    const found = await read(gcp, { api: 'pubsub', path: `/v1/${pathOf(id)}` }, call);
    return isAlive(found) && pushesRightly(reading, found);
  },
  async deadLetter(reading, id) {
    const both = await Promise.all([topic(reading, id), letters(reading, id)]);
    return both.every(Boolean);
  },
  async bucket({ gcp, call }, id) {
    const path = `/storage/v1/b/${encodeURIComponent(shortName(id))}`;
    return (await read(gcp, { api: 'storage', path }, call)) !== undefined;
  },
  async job(reading, id) {
    const { gcp, call } = reading;
    const found = await read(gcp, { api: 'scheduler', path: `/v1/${pathOf(id)}` }, call);
    return found !== undefined && ticksRightly(reading, id, found);
  },
  async notification({ gcp, call }, id) {
    const [bucket = '', told = ''] = id.split('#');
    const found = await notificationsOf(gcp, { bucket: shortName(bucket), topic: told }, call);
    return found !== undefined && found.length > 0;
  },
  async trigger({ triggers, place }, id) {
    const found = (await triggers).get(shortName(id.split('#')[0] ?? ''));
    return (
      textAt(found, 'transport', 'pubsub', 'subscription') !== undefined &&
      textAt(found, 'destination', 'cloudRun', 'service') === place.physicalName &&
      textAt(found, 'destination', 'cloudRun', 'region') === place.location
    );
  },
  grant: unlooked,
  destination: unlooked,
  secret: unlooked,
};

function isAlive(found: JsonObject | undefined): found is JsonObject {
  return found !== undefined && textAt(found, 'topic') !== DELETED_TOPIC;
}

/** Without an endpoint messages wait for one: so are those of bindings that are disabled. */
function pushesRightly(reading: Reading, found: JsonObject): boolean {
  const of = textsAt(found, 'labels')[EVENT_LABEL.binding];
  const binding = reading.record.bindings.find(({ id }) => labelValue(id) === of);
  // Of a binding that is about to go; or of none, as that of asynchronous invocations is.
  if (of !== undefined && binding === undefined) return true;
  const endpoint = textAt(found, 'pushConfig', 'pushEndpoint') ?? '';
  return isEnabled(binding) ? isHere(reading, endpoint) : endpoint === '';
}

function ticksRightly(reading: Reading, name: string, found: JsonObject): boolean {
  const { place, record } = reading;
  const binding = record.bindings.find(({ id }) => jobName(place, id) === name);
  if (binding?.event.type !== 'schedule') return true;
  const { when, timezone } = binding.event;
  return (
    textAt(found, 'state') === (isEnabled(binding) ? 'ENABLED' : 'PAUSED') &&
    textAt(found, 'schedule') === unixCron(when).expression &&
    textAt(found, 'timeZone') === timezone &&
    isHere(reading, textAt(found, 'httpTarget', 'uri') ?? '')
  );
}

function isEnabled(binding: Binding | undefined): boolean {
  return binding?.event.enabled !== false;
}

function isHere({ url }: Reading, address: string): boolean {
  return address !== '' && (url === null || address.startsWith(`${url}/`));
}

/** Wherever they are: their place is their database's, which the record does not tell. One look for all. */
async function allTriggers(
  gcp: GcpClients,
  made: readonly MadeSource[],
  call: CallContext,
): Promise<ReadonlyMap<string, JsonValue>> {
  const [first] = made.flatMap(({ kind, id }) => (kind === 'trigger' ? [id] : []));
  if (first === undefined) return new Map();
  const everywhere = `/v1/${first.slice(0, first.lastIndexOf('/triggers/'))}/triggers`;
  const all = await readAll(gcp, { api: 'eventarc', path: everywhere, field: 'triggers' }, call);
  return new Map((all ?? []).map((one) => [shortName(textAt(one, 'name') ?? ''), one]));
}
