import { tableArn } from '../arn.ts';
import { ifThere, isNamed, says, unlessMissing } from '../failures.ts';
import { listMappings } from '../mapping.ts';
import { describeTable, tableTags } from '../table/ensure.ts';
import { tagList } from '../tags.ts';
import type { MadeKind, MadeScope } from './kind.ts';

export const MADE_TABLE: MadeKind = {
  keptBecause: 'it is in use, or protected against deletion',

  async tags(scope) {
    const dynamodb = await scope.aws.dynamodb();
    const found = await describeTable(dynamodb, scope.name, scope.call);
    return found && (await tableTags(dynamodb, arnOf(scope), scope.call));
  },

  async users({ aws, name, call }) {
    const found = await describeTable(await aws.dynamodb(), name, call);
    if (found?.LatestStreamArn === undefined) return [];
    const readers = await listMappings(aws, { EventSourceArn: found.LatestStreamArn }, call);
    return readers.map(({ FunctionArn = '' }) => FunctionArn);
  },

  async delete({ aws, name, call }) {
    const dynamodb = await aws.dynamodb();
    const options = { abortSignal: call.signal };
    try {
      const isThere = await unlessMissing(dynamodb.deleteTable({ TableName: name }, options));
      return isThere ? 'going' : 'gone';
    } catch (error) {
      if (isNamed(error, 'ValidationException') && says(error, 'protect')) return 'kept';
      throw error;
    }
  },

  async retag(scope, set) {
    const dynamodb = await scope.aws.dynamodb();
    await ifThere(
      dynamodb.tagResource(
        { ResourceArn: arnOf(scope), Tags: tagList(set) },
        { abortSignal: scope.call.signal },
      ),
    );
  },
};

function arnOf({ place, name }: MadeScope): string {
  return tableArn(place, name);
}
