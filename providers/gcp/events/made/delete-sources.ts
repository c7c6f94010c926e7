/** Takes away the sources that were made for a function that goes; what others use stays. */
import type { CallContext, JsonObject } from 'polyfaas/spi';
import type { GcpClients, RestRequest } from '../../clients/index.ts';
import { textAt, textsAt } from '../../clients/json.ts';
import { isOfScope, scopeLabels } from '../../labels.ts';
import { refuseOvertaken } from '../../execute/secret.ts';
import type { Executor } from '../../model.ts';
import type { MadeSource } from '../../record.ts';
import { inputOf } from '../../step-input.ts';
import type { Claim } from '../../steps.ts';
import { DEAD_LETTER_KIND, EVENT_LABEL } from '../labels.ts';
import { lettersOf, pathOf, shortName } from '../names.ts';
import { isStatus, read, send, unlessMissing } from '../rest.ts';
import { done, type Where } from '../steps.ts';
import { isUsedBy, neighboursOf } from './neighbours.ts';

export interface DeleteSourcesInput {
  /** In the order in which they go. */
  readonly sources: readonly MadeSource[];
  /** The Firestore database of tables with plain names. */
  readonly database: string;
  /** Left out: nothing is looked at. */
  readonly claim?: Claim;
}

/** A source as it is, and the subscription of its dead letters. */
interface Found {
  readonly source: MadeSource;
  /** Undefined for none. */
  readonly present: JsonObject | undefined;
  readonly letters: JsonObject | undefined;
}

/**
 * The other functions are read once for all, after everything else that is read: one that begins to use a source since is
 * not seen.
 */
export const deleteSources: Executor = async (gcp, step, call) => {
  const { target, sources, database, claim } = inputOf<
    DeleteSourcesInput & { readonly target: Where }
  >(step);
  const [found] = await Promise.all([
    Promise.all(sources.map((source) => find(gcp, source, call))),
    refuseOvertaken(gcp, claim, call),
  ]);
  const neighbours = await neighboursOf(gcp, target, call);
  const context = { projectId: target.projectId, database };
  for (const one of found) {
    const isUsed = neighbours.some((other) => isUsedBy(other, one.source.id, context));
    await deleteSource(gcp, target, { ...one, isUsed }, call);
  }
  return done();
};

async function find(gcp: GcpClients, source: MadeSource, call: CallContext): Promise<Found> {
  const [present, letters] = await Promise.all([
    read(gcp, resourceOf(source), call),
    source.kind === 'bucket' ? undefined : read(gcp, lettersAt(source.id), call),
  ]);
  return { source, present, letters };
}

/** Only what carries the labels of the app and stage goes: others made the rest. */
async function deleteSource(
  gcp: GcpClients,
  target: Where,
  { source, present, letters, isUsed }: Found & { readonly isUsed: boolean },
  call: CallContext,
): Promise<void> {
  const isOurs = present !== undefined && isOfScope(target.ref, textsAt(present, 'labels'));
  // A topic may be gone already, and the subscription of its dead letters not yet.
  if (present !== undefined && !isOurs) return;
  const name = shortName(source.id);
  if (isUsed) {
    if (isOurs) call.warn(`The ${source.kind} "${name}" is kept: others use it.`, { source: name });
    return;
  }
  if (source.kind === 'bucket') {
    if (isOurs) await deleteBucket(gcp, target, name, call);
    return;
  }
  if (areLettersOf(source.id, letters, target)) {
    await unlessMissing(send(gcp, { ...lettersAt(source.id), method: 'DELETE' }, call));
  }
  if (isOurs) await unlessMissing(send(gcp, { ...resourceOf(source), method: 'DELETE' }, call));
}

function resourceOf({ kind, id }: MadeSource): Pick<RestRequest, 'api' | 'path'> {
  return kind === 'bucket'
    ? { api: 'storage', path: `/storage/v1/b/${encodeURIComponent(shortName(id))}` }
    : { api: 'pubsub', path: `/v1/${pathOf(id)}` };
}

function lettersAt(topic: string): Pick<RestRequest, 'api' | 'path'> {
  return { api: 'pubsub', path: `/v1/${pathOf(lettersOf(topic))}` };
}

/** True for the subscription that keeps the dead letters of a topic, if it is one of ours. */
function areLettersOf(topic: string, found: JsonObject | undefined, { ref }: Where): boolean {
  const labels = textsAt(found, 'labels');
  const isOfTopic = [topic, '_deleted-topic_'].includes(textAt(found, 'topic') ?? '');
  return isOfTopic && labels[EVENT_LABEL.kind] === DEAD_LETTER_KIND && isOfScope(ref, labels);
}

/** What is in a bucket is the user's: one that is not empty stays, and is nobody's afterwards. */
async function deleteBucket(
  gcp: GcpClients,
  { ref }: Where,
  bucket: string,
  call: CallContext,
): Promise<void> {
  const request = { api: 'storage', path: `/storage/v1/b/${encodeURIComponent(bucket)}` } as const;
  try {
    await unlessMissing(send(gcp, { ...request, method: 'DELETE' }, call));
  } catch (error) {
    if (!isStatus(error, 409)) throw error;
    call.warn(`The bucket "${bucket}" is kept: it is not empty.`, { source: bucket });
    const labels = Object.fromEntries(Object.keys(scopeLabels(ref)).map((key) => [key, null]));
    await unlessMissing(send(gcp, { ...request, method: 'PATCH', body: { labels } }, call));
  }
}
