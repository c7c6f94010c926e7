/** Where the code of a function or a layer comes from, and what Lambda refuses of it. */
import { createHash } from 'node:crypto';
import { optionalText, type Input } from '../core/operation.ts';
import { invalidParameter, tooLarge } from './faults.ts';
import type { Code, LambdaState } from './state.ts';
import { readZip } from './zip.ts';

/** 50 MB, sent with the request (AWS Lambda quotas). */
const ZIP_BYTES = 52_428_800;
/** 250 MB, together with the layers (AWS Lambda quotas). */
export const UNZIPPED_BYTES = 262_144_000;
/** What a request with a zip of 50 MB in base64 comes to. */
const REQUEST_BYTES = 70_167_211;
const IMAGE_URI =
  /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\/[a-z0-9._/-]+(:[\w.-]+|@sha256:[0-9a-f]{64})$/;

/** Refuses a request that could not carry a zip of the allowed size. */
export function checkRequestSize(raw: Buffer, operation: string): void {
  if (raw.length > REQUEST_BYTES) throw tooLarge(REQUEST_BYTES, operation);
}

/** Reads `ZipFile`, or `S3Bucket` and `S3Key`. */
export function readZipCode(state: LambdaState, input: Input): Code {
  const zip = direct(input) ?? fromS3(state, input);
  if (zip === undefined) {
    throw invalidParameter('Please provide a source for function code.');
  }
  if (zip.length === 0) throw invalidParameter('Uploaded file must be a non-empty zip');
  const entries = readZip(zip);
  if (entries === undefined) {
    throw invalidParameter(
      'Could not unzip uploaded file. Please check your file, then try to upload again.',
    );
  }
  if (entries.length === 0) throw invalidParameter('Uploaded file must be a non-empty zip');
  const unzippedSize = entries.reduce((total, entry) => total + entry.size, 0);
  checkUnzipped(unzippedSize);
  const sha256 = createHash('sha256').update(zip).digest('base64');
  return { sha256, size: zip.length, unzippedSize, content: { zip } };
}

export function readImageCode(state: LambdaState, input: Input): Code {
  const imageUri = optionalText(input, 'ImageUri');
  if (imageUri === undefined || input['ZipFile'] !== undefined || input['S3Bucket'] !== undefined) {
    throw invalidParameter(
      'Please provide ImageUri when updating a function with packageType Image.',
    );
  }
  if (!IMAGE_URI.test(imageUri)) {
    throw invalidParameter(`Source image ${imageUri} is not valid. Provide a valid source image.`);
  }
  const image = state.images.get(imageUri);
  if (!image)
    throw invalidParameter(
      `Source image ${imageUri} does not exist. Provide a valid source image.`,
    );
  const sha256 = createHash('sha256').update(JSON.stringify(image)).digest('hex');
  return { sha256, size: 0, unzippedSize: 0, content: { imageUri, image } };
}

export function checkUnzipped(bytes: number): void {
  if (bytes > UNZIPPED_BYTES) {
    throw invalidParameter(`Unzipped size must be smaller than ${UNZIPPED_BYTES} bytes`);
  }
}

function direct(input: Input): Buffer | undefined {
  const encoded = optionalText(input, 'ZipFile');
  if (encoded === undefined) return undefined;
  const zip = Buffer.from(encoded, 'base64');
  if (zip.length > ZIP_BYTES) {
    throw invalidParameter(`Zipped size must be smaller than ${ZIP_BYTES} bytes`);
  }
  return zip;
}

function fromS3(state: LambdaState, input: Input): Buffer | undefined {
  const bucket = optionalText(input, 'S3Bucket', { min: 3, max: 63 });
  const key = optionalText(input, 'S3Key', { min: 1, max: 1024 });
  if (bucket === undefined && key === undefined) return undefined;
  if (bucket === undefined || key === undefined) {
    throw invalidParameter('Please provide both S3Bucket and S3Key.');
  }
  if (!state.world.s3.bucketExists(bucket)) {
    throw s3Fault('NoSuchBucket', 'The specified bucket does not exist');
  }
  const zip = state.world.s3.get(bucket, key);
  if (zip === undefined) throw s3Fault('NoSuchKey', 'The specified key does not exist.');
  return zip;
}

function s3Fault(code: string, message: string): Error {
  return invalidParameter(
    `Error occurred while GetObject. S3 Error Code: ${code}. S3 Error Message: ${message}`,
  );
}
