import type { CallContext } from 'polyfaas/spi';
import type { DynamoDB, TableDescription } from '@aws-sdk/client-dynamodb';
import type { Executor, Target } from '../../model.ts';
import { placeOf, tableArn } from '../arn.ts';
import { ifThere, isNamed, refusal } from '../failures.ts';
import { again, done, inputOf } from '../steps.ts';
import { isOurs, ownerTags, tagList, tagsOfList, type Tags } from '../tags.ts';

interface TableWish {
  readonly table: string;
  readonly create: boolean;
  readonly bindingId: string;
  /** Only looks. */
  readonly dry?: boolean;
}

const STREAM = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } as const;

/**
 * Makes the table (key `id`, a text; paid per request; a stream of old and new images), or finds it; waits until its
 * stream is there. Answers `{ streamArn }`; one that only looks answers `{ problem }` where it would change something.
 */
export const ensureTable: Executor = async (aws, step, call) => {
  const { target, table, create, bindingId, dry = false } = inputOf<TableWish>(step);
  const dynamodb = await aws.dynamodb();
  const found = await describeTable(dynamodb, table, call);
  if (found === undefined) {
    if (!create) {
      throw refusal(
        target,
        'NOT_FOUND',
        `events.${bindingId}.table: there is no table "${table}" in this account and region. Make it, correct its name, or set create: true to have it made.`,
      );
    }
    if (dry) return done({ problem: `the table "${table}" is gone` });
    await createTable(dynamodb, target, table, call);
    return again(call, 'the table is being made');
  }
  if (found.TableStatus !== 'ACTIVE') {
    if (dry) return done();
    return again(call, `the table is ${String(found.TableStatus).toLowerCase()}`);
  }
  const { LatestStreamArn: streamArn, StreamSpecification } = found;
  if (StreamSpecification?.StreamEnabled && streamArn !== undefined) {
    const { StreamViewType: view = '' } = StreamSpecification;
    if (!dry && view !== STREAM.StreamViewType) {
      call.warn(
        `The stream of the table "${table}" tells ${view}, so events lack the items as they are, as they were, or both. Set its StreamViewType to ${STREAM.StreamViewType} for whole events.`,
      );
    }
    return done({ streamArn });
  }
  const arn = found.TableArn ?? tableArn(placeOf(target), table);
  if (!isOurs(target, await tableTags(dynamodb, arn, call))) {
    throw refusal(
      target,
      'INVALID_ARGUMENT',
      `events.${bindingId}.table: the table "${table}" has no stream, and polyfaas does not change a table that it did not make for this function. Switch its stream on with StreamViewType NEW_AND_OLD_IMAGES.`,
    );
  }
  if (dry) return done({ problem: `the table "${table}" has no stream` });
  await dynamodb.updateTable(
    { TableName: table, StreamSpecification: STREAM },
    { abortSignal: call.signal },
  );
  return again(call, 'the stream of the table is switched on');
};

export async function describeTable(
  dynamodb: DynamoDB,
  table: string,
  call: CallContext,
): Promise<TableDescription | undefined> {
  const found = await ifThere(
    dynamodb.describeTable({ TableName: table }, { abortSignal: call.signal }),
  );
  return found?.Table;
}

export async function tableTags(dynamodb: DynamoDB, arn: string, call: CallContext): Promise<Tags> {
  const found = await ifThere(
    dynamodb.listTagsOfResource({ ResourceArn: arn }, { abortSignal: call.signal }),
  );
  return tagsOfList(found?.Tags);
}

async function createTable(
  dynamodb: DynamoDB,
  target: Target,
  table: string,
  call: CallContext,
): Promise<void> {
  try {
    await dynamodb.createTable(
      {
        TableName: table,
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: STREAM,
        Tags: tagList(ownerTags(target)),
      },
      { abortSignal: call.signal },
    );
  } catch (error) {
    // It is being made already.
    if (!isNamed(error, 'ResourceInUseException')) throw error;
  }
}
