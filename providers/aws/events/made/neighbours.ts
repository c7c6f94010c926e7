/** The other functions of the account and region, of whatever app and stage, and what they use. */
import type { CallContext, NormalEvent } from 'polyfaas/spi';
import { ENV } from '../../envelope.ts';
import { isDenied } from '../../errors.ts';
import { decodeSettings } from '../../plan/applied.ts';
import { decodeRecord, TAG, type FunctionRecord, type MadeSource } from '../../record.ts';
import { queueArn, sourceArn, type Place } from '../arn.ts';
import { ifThere } from '../failures.ts';
import { everyItem } from '../pages.ts';
import { unhurried } from '../remains/search.ts';
import type { Tags } from '../tags.ts';
import type { MadeScope } from './kind.ts';
import { arnOfSource } from './sources.ts';

/** Another function. */
export interface Neighbour {
  readonly tags: Tags;
  /** Undefined when it cannot be read. */
  readonly record: FunctionRecord | undefined;
}

/** So many are asked at the same time. */
const AT_ONCE = 8;

/**
 * The other functions that use a source by their records. The platform does not tell of all: functions write dead letters
 * themselves, and what is switched off has no subscription and no notification.
 */
export async function neighboursUsing(
  { aws, target, place, call }: MadeScope,
  source: MadeSource,
): Promise<readonly Neighbour[]> {
  const lambda = await aws.lambda();
  const all = await everyItem(async (marker) => {
    const page = await unhurried(call, () =>
      lambda.listFunctions(marker ? { Marker: marker } : {}, { abortSignal: call.signal }),
    );
    return { items: page.Functions, next: page.NextMarker };
  });
  const others = all.flatMap(({ FunctionArn, Environment }) => {
    // Whose environment is hidden may be one of ours.
    const mayBeOurs =
      Environment?.Error !== undefined || Environment?.Variables?.[ENV.app] !== undefined;
    return FunctionArn === undefined || FunctionArn === target.functionArn || !mayBeOurs
      ? []
      : [FunctionArn];
  });
  const arn = arnOfSource(place, source);
  return (await neighboursOf({ aws, call }, others)).filter((one) => uses(one, arn, place));
}

/** Those of the functions that are ours. */
export async function neighboursOf(
  { aws, call }: Pick<MadeScope, 'aws' | 'call'>,
  arns: readonly string[],
): Promise<readonly Neighbour[]> {
  const lambda = await aws.lambda();
  const found: Neighbour[] = [];
  for (let from = 0; from < arns.length; from += AT_ONCE) {
    const some = arns.slice(from, from + AT_ONCE);
    const read = await Promise.all(some.map((arn) => neighbourOf(lambda, arn, call)));
    found.push(...read.filter((one) => one !== undefined));
  }
  return found;
}

async function neighbourOf(
  lambda: Awaited<ReturnType<MadeScope['aws']['lambda']>>,
  arn: string,
  call: CallContext,
): Promise<Neighbour | undefined> {
  try {
    const found = await ifThere(
      unhurried(call, () => lambda.listTags({ Resource: arn }, { abortSignal: call.signal })),
    );
    const tags = found?.Tags ?? {};
    // Before its first record is written a function has made nothing.
    return tags[`${TAG.state}0`] === undefined ? undefined : { tags, record: decodeRecord(tags) };
  } catch (error) {
    if (isDenied(error)) return { tags: {}, record: undefined };
    throw error;
  }
}

/** True when a function reads a source, or sends its dead letters or outcomes there. */
function uses({ record }: Neighbour, arn: string, place: Place): boolean {
  // What cannot be read may use anything.
  if (record === undefined) return true;
  const outcomes = decodeSettings(record.settings)?.async;
  return (
    outcomes?.onSuccess === arn ||
    outcomes?.onFailure === arn ||
    record.bindings.some(
      ({ event }) => sourceArn(place, event) === arn || deadLetterArn(place, event) === arn,
    )
  );
}

function deadLetterArn(place: Place, event: NormalEvent): string | undefined {
  return 'deadLetter' in event && event.deadLetter !== undefined
    ? queueArn(place, event.deadLetter)
    : undefined;
}
