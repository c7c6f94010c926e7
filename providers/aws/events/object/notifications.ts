import { sameJson, type CallContext } from 'polyfaas/spi';
import type {
  LambdaFunctionConfiguration,
  NotificationConfiguration,
  S3,
} from '@aws-sdk/client-s3';
import type { AwsClients } from '../../clients/index.ts';
import { aliasArn, type Executor, type Target } from '../../model.ts';
import { placeOf } from '../arn.ts';
import { ifThere, refusal } from '../failures.ts';
import { statementProblem, type DriftScope, type Problem } from '../drift/scope.ts';
import { CONFIGURATION_PREFIX } from '../names.ts';
import { allow, disallow } from '../permission.ts';
import { again, done, inputOf } from '../steps.ts';
import { decodeFilter, encodeFilter, overlap, type NotificationEntry } from './entry.ts';
import { entryIdOf, foreignRefusal, isDestinationFault, refusedBy } from './refused.ts';

interface EntriesWish {
  readonly bucket: string;
  readonly entries: readonly NotificationEntry[];
}

interface NotificationsWish extends EntriesWish {
  readonly arn: string;
  readonly statementId: string;
}

/**
 * Brings our entries of a bucket's notification configuration into line, and leaves all others as they are. The service
 * replaces the whole and has no lock, so the result is read again, and the change is made again where it was lost.
 */
export const putNotifications: Executor = async (aws, step, call) => {
  const { target, dry = false, ...wish } = inputOf<NotificationsWish & { dry?: boolean }>(step);
  const s3 = await aws.s3();
  const present = await readConfiguration(s3, wish.bucket, call);
  // Before the bucket is let in: what is refused leaves nothing behind.
  if (present !== undefined) configurationOf(target, wish, present);
  if (dry) return done();
  if (wish.entries.length > 0) {
    const { account } = placeOf(target);
    await allow(
      aws,
      target,
      {
        id: wish.statementId,
        principal: 's3.amazonaws.com',
        sourceArn: wish.arn,
        sourceAccount: account,
      },
      call,
    );
  }
  const isSet = await setEntries(s3, target, wish, present, call);
  if (!isSet) return again(call, 'waiting for the notifications of the bucket to be known');
  if (wish.entries.length === 0) await disallow(aws, target, wish.statementId, call);
  return done();
};

/** What is wrong with the entries of a binding, or undefined. */
export async function notificationDrift(
  scope: DriftScope,
  { bucket, entries, statementId }: Omit<NotificationsWish, 'arn'>,
): Promise<Problem> {
  if (entries.length === 0) return undefined;
  const present = await scope.notifications(bucket);
  if (present === undefined) return `the bucket "${bucket}" is gone`;
  const arn = aliasArn(scope.target);
  const wanted = { LambdaFunctionConfigurations: entries.map((entry) => writeEntry(entry, arn)) };
  const found = {
    LambdaFunctionConfigurations: (present.LambdaFunctionConfigurations ?? []).filter(({ Id }) =>
      entries.some(({ id }) => id === Id),
    ),
  };
  if (!isSame(wanted, found)) return `the bucket "${bucket}" does not tell the function`;
  return statementProblem(scope, statementId);
}

/** Takes all our entries out of a bucket's configuration. */
export async function clearNotifications(
  aws: AwsClients,
  target: Target,
  bucket: string,
  call: CallContext,
): Promise<void> {
  const s3 = await aws.s3();
  const present = await readConfiguration(s3, bucket, call);
  await setEntries(s3, target, { bucket, entries: [] }, present, call);
}

/** False when the change was lost and is to be made again. A bucket that is gone needs none. */
async function setEntries(
  s3: S3,
  target: Target,
  wish: EntriesWish,
  present: NotificationConfiguration | undefined,
  call: CallContext,
): Promise<boolean> {
  if (present === undefined) return true;
  const wanted = configurationOf(target, wish, present);
  if (isSame(wanted, present)) return true;
  try {
    await s3.putBucketNotificationConfiguration(
      {
        Bucket: wish.bucket,
        NotificationConfiguration: wanted,
        // S3 checks the destinations of others too, and one that is dead is no reason to keep an entry of ours.
        ...(bringsNothing(wanted, present) ? { SkipDestinationValidation: true } : {}),
      },
      { abortSignal: call.signal },
    );
  } catch (error) {
    if (!isDestinationFault(error)) throw error;
    const refused = refusedBy(error, target);
    // The function itself: that passes once its permission is known everywhere.
    if (refused === undefined) throw error;
    const now = await readConfiguration(s3, wish.bucket, call);
    const id = now && entryIdOf(now, refused.arn);
    // Whoever had it took it away meanwhile.
    if (id === undefined) return false;
    throw foreignRefusal(target, wish.bucket, { ...refused, id }, error);
  }
  const after = await readConfiguration(s3, wish.bucket, call);
  return after === undefined || isSame(configurationOf(target, wish, after), after);
}

/** A bucket's configuration; undefined when the bucket is gone. */
export async function readConfiguration(
  s3: S3,
  bucket: string,
  call: CallContext,
): Promise<NotificationConfiguration | undefined> {
  const found = await ifThere(
    s3.getBucketNotificationConfiguration({ Bucket: bucket }, { abortSignal: call.signal }),
  );
  if (found === undefined) return undefined;
  const { $metadata: _, ...configuration } = found;
  return configuration;
}

function configurationOf(
  target: Target,
  { bucket, entries }: EntriesWish,
  present: NotificationConfiguration,
): NotificationConfiguration {
  const arn = aliasArn(target);
  const isOwn = ({ Id, LambdaFunctionArn }: LambdaFunctionConfiguration): boolean =>
    LambdaFunctionArn === arn && (Id ?? '').startsWith(CONFIGURATION_PREFIX);
  const others = (present.LambdaFunctionConfigurations ?? []).filter((one) => !isOwn(one));
  const foreign = [
    ...others,
    ...(present.QueueConfigurations ?? []),
    ...(present.TopicConfigurations ?? []),
  ];
  for (const entry of entries) {
    const other = foreign.find((one) => overlap(entry, decoded(readEntry(one))));
    if (other !== undefined) throw overlapping(target, bucket, entry, other.Id);
  }
  return {
    ...present,
    LambdaFunctionConfigurations: [...others, ...entries.map((entry) => writeEntry(entry, arn))],
  };
}

interface AnyEntry {
  readonly Events?: readonly string[] | undefined;
  readonly Filter?: LambdaFunctionConfiguration['Filter'];
}

function readEntry({ Events, Filter }: AnyEntry): Omit<NotificationEntry, 'id'> {
  const rules = Filter?.Key?.FilterRules ?? [];
  const value = (name: string): string =>
    rules.find(({ Name }) => Name?.toLowerCase() === name)?.Value ?? '';
  return { events: Events ?? [], prefix: value('prefix'), suffix: value('suffix') };
}

function decoded(entry: Omit<NotificationEntry, 'id'>): Omit<NotificationEntry, 'id'> {
  return { ...entry, prefix: decodeFilter(entry.prefix), suffix: decodeFilter(entry.suffix) };
}

function writeEntry(
  { id, events, prefix, suffix }: NotificationEntry,
  arn: string,
): LambdaFunctionConfiguration {
  const rules = [
    ...(prefix === '' ? [] : [{ Name: 'prefix' as const, Value: encodeFilter(prefix) }]),
    ...(suffix === '' ? [] : [{ Name: 'suffix' as const, Value: encodeFilter(suffix) }]),
  ];
  return {
    Id: id,
    LambdaFunctionArn: arn,
    // The service's own words; the vendor's type lists those of the day it was made.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    Events: [...events] as NonNullable<LambdaFunctionConfiguration['Events']>,
    ...(rules.length === 0 ? {} : { Filter: { Key: { FilterRules: rules } } }),
  };
}

/** Entries in any order, with filters read in any spelling. */
function isSame(a: NotificationConfiguration, b: NotificationConfiguration): boolean {
  return sameJson(lambdaEntries(a), lambdaEntries(b));
}

/** True when every entry that is wanted is there already. */
function bringsNothing(wanted: NotificationConfiguration, present: NotificationConfiguration) {
  const known = lambdaEntries(present);
  return lambdaEntries(wanted).every((entry) => known.some((other) => sameJson(entry, other)));
}

function lambdaEntries({ LambdaFunctionConfigurations = [] }: NotificationConfiguration) {
  return LambdaFunctionConfigurations.map((one) => ({
    id: one.Id ?? '',
    arn: one.LambdaFunctionArn,
    ...readEntry(one),
    events: (one.Events ?? []).toSorted(),
  })).toSorted((x, y) => (x.id < y.id ? -1 : x.id > y.id ? 1 : 0));
}

function overlapping(
  target: Target,
  bucket: string,
  entry: NotificationEntry,
  otherId: string | undefined,
): Error {
  return refusal(
    target,
    'INVALID_ARGUMENT',
    `The bucket "${bucket}" tells somebody else of the same objects (entry "${otherId ?? ''}" of its notification configuration, which is not one of this function's), and S3 allows one listener for an event. Give the event "${entry.id}" another prefix or suffix, or take that entry away.`,
  );
}
