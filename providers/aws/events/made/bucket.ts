import type { CallContext } from 'polyfaas/spi';
import type { S3 } from '@aws-sdk/client-s3';
import { isNamed, unlessMissing } from '../failures.ts';
import { readConfiguration } from '../object/notifications.ts';
import { OWNER_KEYS, tagList, tagsOfList, type Tags } from '../tags.ts';
import type { MadeKind } from './kind.ts';

export const MADE_BUCKET: MadeKind = {
  keptBecause: 'it is not empty, or in use',

  async tags({ aws, name, call }) {
    return await readTags(await aws.s3(), name, call);
  },

  async users({ aws, name, call }) {
    const present = await readConfiguration(await aws.s3(), name, call);
    return [
      ...(present?.LambdaFunctionConfigurations ?? []).map((one) => one.LambdaFunctionArn ?? ''),
      ...(present?.QueueConfigurations ?? []).map((one) => one.QueueArn ?? ''),
      ...(present?.TopicConfigurations ?? []).map((one) => one.TopicArn ?? ''),
    ];
  },

  async delete({ aws, name, call }) {
    const s3 = await aws.s3();
    try {
      await unlessMissing(s3.deleteBucket({ Bucket: name }, { abortSignal: call.signal }));
      return 'gone';
    } catch (error) {
      if (isNamed(error, 'BucketNotEmpty')) return 'kept';
      throw error;
    }
  },

  async retag({ aws, name, call }, set) {
    const s3 = await aws.s3();
    await writeTags(s3, name, { ...(await readTags(s3, name, call)), ...set }, call);
  },

  // What is in it is the user's.
  async disown({ aws, name, call }) {
    const s3 = await aws.s3();
    const present = Object.entries((await readTags(s3, name, call)) ?? {});
    const left = present.filter(([key]) => !OWNER_KEYS.includes(key));
    await writeTags(s3, name, Object.fromEntries(left), call);
  },
};

/** The whole set is replaced at once. */
async function writeTags(s3: S3, name: string, tags: Tags, { signal }: CallContext): Promise<void> {
  const options = { abortSignal: signal };
  if (Object.keys(tags).length === 0) await s3.deleteBucketTagging({ Bucket: name }, options);
  else await s3.putBucketTagging({ Bucket: name, Tagging: { TagSet: tagList(tags) } }, options);
}

/** A bucket without tags says that there is no such set; then it is nobody's, as one that is gone. */
async function readTags(s3: S3, name: string, call: CallContext): Promise<Tags | undefined> {
  try {
    const { TagSet } = await s3.getBucketTagging({ Bucket: name }, { abortSignal: call.signal });
    return tagsOfList(TagSet);
  } catch (error) {
    if (isNamed(error, 'NoSuchTagSet')) return {};
    if (isNamed(error, 'NoSuchBucket', 'NotFound')) return undefined;
    throw error;
  }
}
