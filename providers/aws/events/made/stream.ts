import { streamArn } from '../arn.ts';
import { ifThere, isNamed, unlessMissing } from '../failures.ts';
import { listMappings } from '../mapping.ts';
import { tagsOfList } from '../tags.ts';
import type { MadeKind } from './kind.ts';

export const MADE_STREAM: MadeKind = {
  keptBecause: 'it is in use',

  async tags({ aws, name, call }) {
    const kinesis = await aws.kinesis();
    const found = await ifThere(
      kinesis.listTagsForStream({ StreamName: name }, { abortSignal: call.signal }),
    );
    return found && tagsOfList(found.Tags);
  },

  async users({ aws, place, name, call }) {
    const readers = await listMappings(aws, { EventSourceArn: streamArn(place, name) }, call);
    return readers.map(({ FunctionArn = '' }) => FunctionArn);
  },

  async delete({ aws, name, call }) {
    const kinesis = await aws.kinesis();
    try {
      const isThere = await unlessMissing(
        kinesis.deleteStream({ StreamName: name }, { abortSignal: call.signal }),
      );
      return isThere ? 'going' : 'gone';
    } catch (error) {
      // It has consumers of its own; or it is being made or deleted just now, which passes.
      if (!isNamed(error, 'ResourceInUseException')) throw error;
      const found = await ifThere(
        kinesis.describeStreamSummary({ StreamName: name }, { abortSignal: call.signal }),
      );
      if (found === undefined) return 'gone';
      if ((found.StreamDescriptionSummary?.ConsumerCount ?? 0) > 0) return 'kept';
      throw error;
    }
  },

  async retag({ aws, name, call }, set) {
    const kinesis = await aws.kinesis();
    await kinesis.addTagsToStream({ StreamName: name, Tags: set }, { abortSignal: call.signal });
  },
};
