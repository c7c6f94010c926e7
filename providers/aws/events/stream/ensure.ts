import { isNative } from '../arn.ts';
import type { Executor } from '../../model.ts';
import { ifThere, isNamed, refusal } from '../failures.ts';
import { again, done, inputOf } from '../steps.ts';
import { ownerTags } from '../tags.ts';

interface StreamWish {
  readonly stream: string;
  readonly create: boolean;
  readonly bindingId: string;
  /** Only looks. */
  readonly dry?: boolean;
}

const READY: ReadonlySet<string | undefined> = new Set(['ACTIVE', 'UPDATING']);

/**
 * Makes the stream (on demand), or finds it; waits until it takes records. One that only looks answers `{ problem }` where
 * it would make it.
 */
export const ensureStream: Executor = async (aws, step, call) => {
  const { target, stream, create, bindingId, dry = false } = inputOf<StreamWish>(step);
  const kinesis = await aws.kinesis();
  const found = await ifThere(
    kinesis.describeStreamSummary(streamKey(stream), { abortSignal: call.signal }),
  );
  const status = found?.StreamDescriptionSummary?.StreamStatus;
  if (READY.has(status)) {
    const { KeyId: key = 'alias/aws/kinesis' } = found?.StreamDescriptionSummary ?? {};
    if (!dry && !key.endsWith('alias/aws/kinesis')) {
      call.warn(
        `The stream "${stream}" is encrypted with the key "${key}". Allow the function kms:Decrypt on it (providerOptions.aws.policyStatements), or it cannot read the records.`,
      );
    }
    return done();
  }
  if (dry && status === 'CREATING') return done();
  if (dry && create) return done({ problem: `the stream "${stream}" is gone` });
  if (status === 'CREATING' || (status === 'DELETING' && create)) {
    return again(call, `the stream is ${status.toLowerCase()}`);
  }
  if (!create) {
    throw refusal(
      target,
      'NOT_FOUND',
      `events.${bindingId}.stream: there is no stream "${stream}" in this account and region. Make it, correct its name, or set create: true to have it made.`,
    );
  }
  try {
    await kinesis.createStream(
      {
        StreamName: stream,
        StreamModeDetails: { StreamMode: 'ON_DEMAND' },
        Tags: ownerTags(target),
      },
      { abortSignal: call.signal },
    );
  } catch (error) {
    if (!isNamed(error, 'ResourceInUseException')) throw error;
  }
  return again(call, 'the stream is being made');
};

/** Streams are found by their name, or by their ARN. */
export function streamKey(stream: string): { StreamName: string } | { StreamARN: string } {
  return isNative(stream) ? { StreamARN: stream } : { StreamName: stream };
}
