/** Takes away a source that was made for a function that goes; or hands it on, when others use it. */
import type { Executor } from '../../model.ts';
import { TAG, type MadeSource } from '../../record.ts';
import { placeOf } from '../arn.ts';
import { again, done, inputOf, kept } from '../steps.ts';
import { isOurs, type Tags } from '../tags.ts';
import { MADE_BUCKET } from './bucket.ts';
import { MADE_BUS } from './bus.ts';
import { useOf } from './heir.ts';
import type { MadeKind, MadeScope } from './kind.ts';
import { MADE_QUEUE } from './queue.ts';
import { MADE_STREAM } from './stream.ts';
import { MADE_TABLE } from './table.ts';
import { MADE_TOPIC } from './topic.ts';

const KINDS: Readonly<Record<MadeSource['kind'], MadeKind>> = {
  queue: MADE_QUEUE,
  topic: MADE_TOPIC,
  bucket: MADE_BUCKET,
  stream: MADE_STREAM,
  table: MADE_TABLE,
  bus: MADE_BUS,
};

/** The tags of a source; undefined when it is gone. */
export function madeTags(kind: MadeSource['kind'], scope: MadeScope): Promise<Tags | undefined> {
  return KINDS[kind].tags(scope);
}

/**
 * Only what carries our tags goes. What others use is that of one of them that declared it too; without such an heir it
 * keeps its tags, so that a later function of this name takes it away, once nobody else uses it.
 */
export const deleteSource: Executor = async (aws, step, call) => {
  const { target, source } = inputOf<{ source: MadeSource }>(step);
  const { kind, name } = source;
  const made = KINDS[kind];
  const scope: MadeScope = { aws, target, place: placeOf(target), name, call };
  const tags = await made.tags(scope);
  if (tags === undefined) return done();
  // What is going already has lost its tags on some services.
  const isGoing = kept(call)['going'] === true;
  if (!isGoing && !isOurs(target, tags)) return done();
  if (isGoing) return again(call, `the ${kind} is being deleted`, { going: true });

  const { isUsed, heir } = await useOf(scope, made, source);
  if (isUsed) {
    // First: once it is theirs, a repeat of this step has nothing to do with it.
    call.warn(`The ${kind} "${name}" is kept: others use it.`, {
      source: name,
      owner: heir?.[TAG.function] ?? null,
    });
    if (heir !== undefined) await made.retag(scope, heir);
    return done();
  }
  const deletion = await made.delete(scope);
  if (deletion === 'going') {
    return again(call, `the ${kind} is being deleted`, { going: true });
  }
  if (deletion === 'kept') {
    call.warn(`The ${kind} "${name}" is kept: ${made.keptBecause}.`, { source: name });
    await made.disown?.(scope);
  }
  return done();
};
