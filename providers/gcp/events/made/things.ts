/** What a made source consists of: a topic or a bucket, and the subscription that keeps dead letters. */
import type { CallContext, JsonObject } from 'polyfaas/spi';
import type { GcpClients, RestRequest } from '../../clients/index.ts';
import { textAt, textsAt } from '../../clients/json.ts';
import { isOfScope } from '../../labels.ts';
import type { MadeSource } from '../../record.ts';
import { DEAD_LETTER_KIND, EVENT_LABEL } from '../labels.ts';
import { lettersOf, pathOf, shortName } from '../names.ts';
import { read } from '../rest.ts';
import type { Where } from '../steps.ts';

/** One resource, as it is. */
export interface Thing {
  readonly kind: 'topic' | 'subscription' | 'bucket';
  /** Its full name. */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What of a source carries the labels of the app and stage, in the order in which it goes: others made the rest. */
export async function ownThings(
  gcp: GcpClients,
  { ref }: Where,
  source: MadeSource,
  call: CallContext,
): Promise<readonly Thing[]> {
  const { id } = source;
  if (source.kind === 'bucket') {
    const bucket = await look(gcp, { kind: 'bucket', id }, call);
    return bucket !== undefined && isOfScope(ref, bucket.thing.labels) ? [bucket.thing] : [];
  }
  // A topic may be gone already, and the subscription of its dead letters not yet.
  const [topic, letters] = await Promise.all([
    look(gcp, { kind: 'topic', id }, call),
    look(gcp, { kind: 'subscription', id: lettersOf(id) }, call),
  ]);
  const areLetters =
    letters !== undefined &&
    [id, '_deleted-topic_'].includes(textAt(letters.found, 'topic') ?? '') &&
    letters.thing.labels[EVENT_LABEL.kind] === DEAD_LETTER_KIND;
  const things = [areLetters ? letters.thing : undefined, topic?.thing];
  return things.flatMap((one) => (one !== undefined && isOfScope(ref, one.labels) ? [one] : []));
}

/** Where a resource is. */
export function placeOf({
  kind,
  id,
}: Pick<Thing, 'kind' | 'id'>): Pick<RestRequest, 'api' | 'path'> {
  return kind === 'bucket'
    ? { api: 'storage', path: `/storage/v1/b/${encodeURIComponent(shortName(id))}` }
    : { api: 'pubsub', path: `/v1/${pathOf(id)}` };
}

async function look(
  gcp: GcpClients,
  one: Pick<Thing, 'kind' | 'id'>,
  call: CallContext,
): Promise<{ readonly thing: Thing; readonly found: JsonObject } | undefined> {
  const found = await read(gcp, placeOf(one), call);
  if (found === undefined) return undefined;
  return { thing: { ...one, labels: textsAt(found, 'labels') }, found };
}
