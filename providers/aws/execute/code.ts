/** The code on its way to Lambda. */
import { createHash } from 'node:crypto';
import type { FunctionCode } from '@aws-sdk/client-lambda';
import type { CallContext } from 'polyfaas/spi';
import { isMissing } from '../errors.ts';
import type { Executor } from '../model.ts';
import { artifactPrefix } from '../names.ts';
import type { CodeSource } from '../plan/wish.ts';
import { inputOf } from './input.ts';

/** The code as requests name it. */
export async function codeOf(
  code: CodeSource,
  sourceKmsKeyArn: string | null,
  call: CallContext,
): Promise<FunctionCode> {
  const key = sourceKmsKeyArn === null ? {} : { SourceKMSKeyArn: sourceKmsKeyArn };
  if (code.form === 'image') return { ImageUri: code.imageUri };
  if (code.form === 's3') return { S3Bucket: code.bucket, S3Key: code.key, ...key };
  const artifact = await call.artifacts.get(code.artifactDigest);
  return { ZipFile: await artifact.zip(), ...key };
}

/** What Lambda tells of a zip: the base64 SHA-256. Undefined for images, which it resolves by itself. */
export async function sha256Of(code: CodeSource, call: CallContext): Promise<string | undefined> {
  if (code.form === 'image') return undefined;
  const artifact = await call.artifacts.get(code.artifactDigest);
  return createHash('sha256')
    .update(await artifact.zip())
    .digest('base64');
}

export const uploadArtifact: Executor = async (aws, step, call) => {
  const { bucket, key, artifactDigest } = inputOf<{
    bucket: string;
    key: string;
    artifactDigest: string;
  }>(step);
  const s3 = await aws.s3();
  const http = { abortSignal: call.signal };
  const object = { Bucket: bucket, Key: key, ExpectedBucketOwner: await aws.account() };
  const isThere = await s3.headObject(object, http).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
  if (!isThere) {
    const artifact = await call.artifacts.get(artifactDigest);
    await s3.putObject(
      { ...object, Body: await artifact.zip(), ContentType: 'application/zip' },
      http,
    );
  }
  return { done: true };
};

/** Lambda has a copy of its own. */
export const deleteArtifacts: Executor = async (aws, step, call) => {
  const { bucket, target } = inputOf<{ bucket: string }>(step);
  const s3 = await aws.s3();
  const http = { abortSignal: call.signal };
  const owner = { Bucket: bucket, ExpectedBucketOwner: await aws.account() };
  let token: string | undefined;
  do {
    const page = await s3.listObjectsV2(
      {
        ...owner,
        Prefix: artifactPrefix(target.ref),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      },
      http,
    );
    for (const { Key } of page.Contents ?? []) {
      if (Key !== undefined) await s3.deleteObject({ ...owner, Key }, http);
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return { done: true };
};
