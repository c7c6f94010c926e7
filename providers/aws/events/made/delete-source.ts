/** Takes away a source that was made for a function that goes; or hands it on, when others use it. */
import type { Executor } from '../../model.ts';
import { decodeRecord, TAG, type MadeSource } from '../../record.ts';
import { parseArn, placeOf } from '../arn.ts';
import { ifThere } from '../failures.ts';
import { again, done, inputOf, kept } from '../steps.ts';
import { isOurs, OWNER_KEYS, type Tags } from '../tags.ts';
import { MADE_BUCKET } from './bucket.ts';
import { MADE_BUS } from './bus.ts';
import type { MadeKind, MadeScope } from './kind.ts';
import { MADE_QUEUE } from './queue.ts';
import { MADE_STREAM } from './stream.ts';
import { MADE_TABLE } from './table.ts';
import { MADE_TOPIC } from './topic.ts';
import { neighboursUsing } from './neighbours.ts';

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

/** Only what carries our tags goes. What is kept is nobody's afterwards, or that of a function that declared it too. */
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

  // Ours are untied by now; lists may tell of them for a while longer.
  const seen = (await made.users(scope)).filter((arn) => functionOf(arn) !== target.functionArn);
  const users = seen.length > 0 ? seen : await neighboursUsing(scope, source);
  if (users.length > 0) {
    const heir = await heirOf(scope, source, users);
    // First: once it is theirs, a repeat of this step has nothing to do with it.
    call.warn(`The ${kind} "${name}" is kept: others use it.`, {
      source: name,
      owner: heir?.[TAG.function] ?? null,
    });
    await made.retag(scope, heir ?? {}, heir === undefined ? OWNER_KEYS : []);
    return done();
  }
  const deletion = await made.delete(scope);
  if (deletion === 'going') {
    return again(call, `the ${kind} is being deleted`, { going: true });
  }
  if (deletion === 'kept') {
    call.warn(`The ${kind} "${name}" is kept: ${made.keptBecause}.`, { source: name });
    await made.retag(scope, {}, OWNER_KEYS);
  }
  return done();
};

/** Without the alias. */
function functionOf(arn: string): string {
  return arn.split(':').slice(0, 7).join(':');
}

/** The owner's tags of a function that uses the source and declared it with `create: true` too. */
async function heirOf(
  { aws, call }: MadeScope,
  source: MadeSource,
  users: readonly string[],
): Promise<Tags | undefined> {
  const lambda = await aws.lambda();
  const functions = new Set(
    users.filter((arn) => parseArn(arn)?.service === 'lambda').map(functionOf),
  );
  for (const arn of functions) {
    const found = await ifThere(lambda.listTags({ Resource: arn }, { abortSignal: call.signal }));
    const record = decodeRecord(found?.Tags ?? {});
    if (record?.made.some(({ kind, name }) => kind === source.kind && name === source.name)) {
      return Object.fromEntries(OWNER_KEYS.map((key) => [key, found?.Tags?.[key] ?? '']));
    }
  }
  return undefined;
}
