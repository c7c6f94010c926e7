/** The code on its way to Lambda. */
import { createHash } from 'node:crypto';
import type { FunctionCode } from '@aws-sdk/client-lambda';
import { ServerlessError, type CallContext } from 'polyfaas/spi';
import { errorStatus, isMissing, isNamed } from '../errors.ts';
import type { Executor, Target } from '../model.ts';
import { accountOf, artifactPrefix } from '../names.ts';
import type { CodeSource } from '../plan/wish.ts';
import { inputOf } from '../step-input.ts';

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
  const { target, bucket, key, artifactDigest } = inputOf<{
    bucket: string;
    key: string;
    artifactDigest: string;
  }>(step);
  const s3 = await aws.s3();
  const http = { abortSignal: call.signal };
  const owner = accountOf(target.functionArn);
  const object = { Bucket: bucket, Key: key, ExpectedBucketOwner: owner };
  try {
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
  } catch (error) {
    throw bucketRefusal(target, bucket, aws.region, error);
  }
  return { done: true };
};

/** What is wrong with the bucket, where that is the user's to mend. */
function bucketRefusal(target: Target, bucket: string, region: string, cause: unknown): unknown {
  const field = 'providerOptions.aws.artifactBucket';
  const refusal = (code: 'INVALID_ARGUMENT' | 'PERMISSION_DENIED', message: string) =>
    new ServerlessError({ code, provider: 'aws', function: target.ref.name, message, cause });
  if (isMissing(cause)) {
    return refusal(
      'INVALID_ARGUMENT',
      `${field}: there is no bucket "${bucket}". Create it in ${region}, or name another one.`,
    );
  }
  const status = errorStatus(cause);
  // S3 sends whoever asks in the wrong region elsewhere.
  if (status === 301 || status === 307 || isNamed(cause, 'AuthorizationHeaderMalformed')) {
    return refusal(
      'INVALID_ARGUMENT',
      `${field}: the bucket "${bucket}" is in another region, and Lambda takes zips only from ${region}. Name a bucket of ${region}.`,
    );
  }
  if (status === 403) {
    return refusal(
      'PERMISSION_DENIED',
      `${field}: the bucket "${bucket}" belongs to another account, or the credentials in use may not use it. Allow s3:GetObject, s3:PutObject, s3:ListBucket and s3:DeleteObject on it, or name another one.`,
    );
  }
  return cause;
}

/** Lambda has a copy of its own. */
export const deleteArtifacts: Executor = async (aws, step, call) => {
  const { bucket, target } = inputOf<{ bucket: string }>(step);
  const s3 = await aws.s3();
  const http = { abortSignal: call.signal };
  const owner = { Bucket: bucket, ExpectedBucketOwner: accountOf(target.functionArn) };
  let token: string | undefined;
  do {
    const request = {
      ...owner,
      Prefix: artifactPrefix(target.ref),
      ...(token === undefined ? {} : { ContinuationToken: token }),
    };
    const page = await s3.listObjectsV2(request, http).catch((error: unknown) => {
      // Without the bucket, there is nothing in it.
      if (isMissing(error)) return undefined;
      throw bucketRefusal(target, bucket, aws.region, error);
    });
    for (const { Key } of page?.Contents ?? []) {
      if (Key !== undefined) await s3.deleteObject({ ...owner, Key }, http);
    }
    token = page?.NextContinuationToken;
  } while (token !== undefined);
  return { done: true };
};
