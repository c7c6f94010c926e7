import type { CallContext } from 'polyfaas/spi';
import type { BucketLocationConstraint, S3 } from '@aws-sdk/client-s3';
import type { Executor, Target } from '../../model.ts';
import { placeOf } from '../arn.ts';
import { ifThere, isNamed, refusal } from '../failures.ts';
import { done, inputOf } from '../steps.ts';
import { ownerTags, tagList } from '../tags.ts';

interface BucketWish {
  readonly bucket: string;
  readonly create: boolean;
  readonly bindingId: string;
  /** Only looks. */
  readonly dry?: boolean;
}

/** The one region that must not be named (S3 API reference, `CreateBucket`). */
const UNNAMED_REGION = 'us-east-1';

/** Makes the bucket, or finds it. */
export const ensureBucket: Executor = async (aws, step, call) => {
  const { target, ...wish } = inputOf<BucketWish>(step);
  const s3 = await aws.s3();
  const { region } = placeOf(target);
  const found = await headBucket(s3, target, wish, call);
  if (found !== undefined) {
    if (found.BucketRegion !== undefined && found.BucketRegion !== region) {
      throw refusal(
        target,
        'INVALID_ARGUMENT',
        `events.${wish.bindingId}.bucket: the bucket "${wish.bucket}" is in ${found.BucketRegion} and the function in ${region}; a bucket calls functions of its own region only. Name a bucket in ${region}, or deploy to ${found.BucketRegion}.`,
      );
    }
    return done();
  }
  if (!wish.create) {
    throw refusal(
      target,
      'NOT_FOUND',
      `events.${wish.bindingId}.bucket: there is no bucket "${wish.bucket}". Make it, correct its name, or set create: true to have it made.`,
    );
  }
  if (wish.dry) return done();
  await createBucket(s3, target, wish, region, call);
  return done();
};

async function headBucket(s3: S3, target: Target, wish: BucketWish, call: CallContext) {
  try {
    return await ifThere(s3.headBucket({ Bucket: wish.bucket }, { abortSignal: call.signal }));
  } catch (error) {
    if (isNamed(error, 'Forbidden', 'AccessDenied', '403')) {
      throw refusal(
        target,
        'PERMISSION_DENIED',
        `events.${wish.bindingId}.bucket: the bucket "${wish.bucket}" is there, and these credentials may not look at it. Names of buckets are shared by all of AWS: it may be somebody else's. Choose another name, or allow s3:ListBucket on it.`,
        error,
      );
    }
    if (isNamed(error, 'PermanentRedirect', 'MovedPermanently', '301')) {
      throw refusal(
        target,
        'INVALID_ARGUMENT',
        `events.${wish.bindingId}.bucket: the bucket "${wish.bucket}" is in another region than the function; a bucket calls functions of its own region only. Name a bucket in the function's region.`,
        error,
      );
    }
    throw error;
  }
}

async function createBucket(
  s3: S3,
  target: Target,
  { bucket, bindingId }: BucketWish,
  region: string,
  call: CallContext,
): Promise<void> {
  try {
    await s3.createBucket(
      {
        Bucket: bucket,
        CreateBucketConfiguration: {
          ...(region === UNNAMED_REGION ? {} : { LocationConstraint: constraint(region) }),
          // With the bucket, so that none is ever there without its owner's name.
          Tags: tagList(ownerTags(target)),
        },
      },
      { abortSignal: call.signal },
    );
  } catch (error) {
    if (isNamed(error, 'BucketAlreadyOwnedByYou')) return;
    if (isNamed(error, 'BucketAlreadyExists')) {
      throw refusal(
        target,
        'ALREADY_EXISTS',
        `events.${bindingId}.bucket: the name "${bucket}" belongs to somebody else's bucket; all of AWS shares these names. Choose another one, such as "${target.ref.app}-${bucket}".`,
        error,
      );
    }
    throw error;
  }
}

// The service checks it; the vendor's type lists the regions of the day it was made.
function constraint(region: string): BucketLocationConstraint {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return region as BucketLocationConstraint;
}
