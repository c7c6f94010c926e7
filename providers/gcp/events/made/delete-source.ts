/** Takes away a source that was made for a function that goes; what others use stays. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients, RestRequest } from '../../clients/index.ts';
import { textAt, textsAt } from '../../clients/json.ts';
import { isOfScope, scopeLabels } from '../../labels.ts';
import type { Executor } from '../../model.ts';
import type { MadeSource } from '../../record.ts';
import { inputOf } from '../../step-input.ts';
import { DEAD_LETTER_KIND, EVENT_LABEL } from '../labels.ts';
import { lettersOf, pathOf, shortName } from '../names.ts';
import { isStatus, read, send, unlessMissing } from '../rest.ts';
import { done, type Where } from '../steps.ts';
import { isUsedBy, neighboursOf } from './neighbours.ts';

/** Only what carries the labels of the app and stage goes: others made the rest. */
export const deleteSource: Executor = async (gcp, step, call) => {
  const { target, source, database } = inputOf<{
    readonly target: Where;
    readonly source: MadeSource;
    readonly database: string;
  }>(step);
  const resource = resourceOf(source);
  const found = await read(gcp, resource, call);
  const isOurs = found !== undefined && isOfScope(target.ref, textsAt(found, 'labels'));
  // A topic may be gone already, and the subscription of its dead letters not yet.
  if (found !== undefined && !isOurs) return done();
  const context = { projectId: target.projectId, database };
  const users = (await neighboursOf(gcp, target, call)).filter((one) =>
    isUsedBy(one, source.id, context),
  );
  const name = shortName(source.id);
  if (users.length > 0) {
    call.log.log('warn', `The ${source.kind} "${name}" is kept: others use it.`, { source: name });
    return done();
  }
  if (source.kind === 'bucket') {
    if (isOurs) await deleteBucket(gcp, target, name, call);
    return done();
  }
  await deleteLetters(gcp, target, source.id, call);
  if (isOurs) await unlessMissing(send(gcp, { ...resource, method: 'DELETE' }, call));
  return done();
};

function resourceOf({ kind, id }: MadeSource): Pick<RestRequest, 'api' | 'path'> {
  return kind === 'bucket'
    ? { api: 'storage', path: `/storage/v1/b/${encodeURIComponent(shortName(id))}` }
    : { api: 'pubsub', path: `/v1/${pathOf(id)}` };
}

/** The subscription that keeps the dead letters of a topic, if it is one of ours. */
async function deleteLetters(
  gcp: GcpClients,
  target: Where,
  topic: string,
  call: CallContext,
): Promise<void> {
  const request = { api: 'pubsub', path: `/v1/${pathOf(lettersOf(topic))}` } as const;
  const found = await read(gcp, request, call);
  const labels = textsAt(found, 'labels');
  const isOfTopic = [topic, '_deleted-topic_'].includes(textAt(found, 'topic') ?? '');
  if (!isOfTopic || labels[EVENT_LABEL.kind] !== DEAD_LETTER_KIND) return;
  if (!isOfScope(target.ref, labels)) return;
  await unlessMissing(send(gcp, { ...request, method: 'DELETE' }, call));
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
    call.log.log('warn', `The bucket "${bucket}" is kept: it is not empty.`, { source: bucket });
    const labels = Object.fromEntries(Object.keys(scopeLabels(ref)).map((key) => [key, null]));
    await unlessMissing(send(gcp, { ...request, method: 'PATCH', body: { labels } }, call));
  }
}
