/** Takes away the sources that were made for a function that goes; what others use stays. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../../clients/index.ts';
import { isOfScope, scopeLabels } from '../../labels.ts';
import { refuseOvertaken } from '../../execute/secret.ts';
import type { Executor } from '../../model.ts';
import type { MadeSource } from '../../record.ts';
import { inputOf } from '../../step-input.ts';
import type { Claim } from '../../steps.ts';
import { lettersOf, shortName } from '../names.ts';
import { isStatus, send, unlessMissing } from '../rest.ts';
import { done, type Where } from '../steps.ts';
import { handOn, heirOf } from './heir.ts';
import { WORDS } from './list.ts';
import { isUsedBy, neighboursOf, type Neighbour } from './neighbours.ts';
import { hasReaders } from './readers.ts';
import { ownThings, placeOf, type Thing } from './things.ts';

export interface DeleteSourcesInput {
  /** In the order in which they go. */
  readonly sources: readonly MadeSource[];
  /** The Firestore database of tables with plain names. */
  readonly database: string;
  /** Left out: nothing is looked at. */
  readonly claim?: Claim;
}

/** A source, what of it is ours, and who else uses it. */
interface Found {
  readonly source: MadeSource;
  readonly things: readonly Thing[];
  readonly users: readonly Neighbour[];
  readonly isUsed: boolean;
}

/**
 * The other functions are read once for all, after everything else that is read but the subscriptions of topics that none
 * of them uses: one that begins to use a source since is not seen.
 */
export const deleteSources: Executor = async (gcp, step, call) => {
  const { target, sources, database, claim } = inputOf<
    DeleteSourcesInput & { readonly target: Where }
  >(step);
  const [looked] = await Promise.all([
    Promise.all(
      sources.map(async (source) => ({
        source,
        things: await ownThings(gcp, target, source, call),
      })),
    ),
    refuseOvertaken(gcp, claim, call),
  ]);
  const ours = looked.filter(({ things }) => things.length > 0);
  if (ours.length === 0) return done();
  const neighbours = await neighboursOf(gcp, target, call);
  const context = { projectId: target.projectId, database };
  const found = await Promise.all(
    ours.map(async ({ source, things }): Promise<Found> => {
      const users = neighbours.filter((other) => isUsedBy(other, source.id, context));
      const isUsed = users.length > 0 || (await isRead(gcp, target, things, call));
      return { source, things, users, isUsed };
    }),
  );
  for (const one of found) {
    if (one.isUsed) await keep(gcp, target, one, call);
    else for (const thing of one.things) await deleteThing(gcp, target, thing, call);
  }
  return done();
};

async function isRead(
  gcp: GcpClients,
  target: Where,
  things: readonly Thing[],
  call: CallContext,
): Promise<boolean> {
  const topic = things.find(({ kind }) => kind === 'topic');
  if (topic === undefined) return false;
  const letters = things.some(({ kind }) => kind === 'subscription') ? lettersOf(topic.id) : null;
  return await hasReaders(gcp, target, { topic: topic.id, letters }, call);
}

/** Said first: a repeat of the step has nothing to do with what is others' by then. */
async function keep(
  gcp: GcpClients,
  target: Where,
  { source, things, users }: Found,
  call: CallContext,
): Promise<void> {
  const name = shortName(source.id);
  const heir = heirOf(target, users, source);
  call.warn(`The ${WORDS[source.kind]} "${name}" is kept: others use it.`, {
    source: name,
    owner: heir?.name ?? null,
  });
  if (heir === undefined || isOfScope(target.ref, heir.labels)) return;
  for (const thing of things) await handOn(gcp, thing, heir, call);
}

async function deleteThing(
  gcp: GcpClients,
  target: Where,
  thing: Thing,
  call: CallContext,
): Promise<void> {
  if (thing.kind === 'bucket') await deleteBucket(gcp, target, shortName(thing.id), call);
  else await unlessMissing(send(gcp, { ...placeOf(thing), method: 'DELETE' }, call));
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
