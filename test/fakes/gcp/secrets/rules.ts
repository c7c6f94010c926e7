/** What Secret Manager takes: https://cloud.google.com/secret-manager/quotas */
import { GoogleFault } from '../core/fault.ts';
import { isMap, mapOf, textOf, type JsonMap } from '../core/json.ts';
import { checkLabels } from '../core/labels.ts';

const SECRET_ID = /^[A-Za-z0-9_-]{1,255}$/;
const ANNOTATION_KEY = /^[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/;
export const MOST_ANNOTATION_BYTES = 16 * 1024;
export const MOST_PAYLOAD_BYTES = 64 * 1024;

function refuse(message: string): never {
  throw new GoogleFault('INVALID_ARGUMENT', message);
}

export function checkSecretId(id: string): void {
  if (!SECRET_ID.test(id)) {
    refuse(`The provided Secret ID [${id}] does not match the expected format [[a-zA-Z_0-9]+].`);
  }
}

/** What a secret must be, new or changed. */
export function checkSecret(secret: JsonMap): void {
  const { automatic, userManaged } = mapOf(secret['replication']);
  if (automatic === undefined && userManaged === undefined) {
    refuse('Field [replication] must be set: a replication policy is required.');
  }
  checkLabels(secret['labels']);
  const annotations = Object.entries(mapOf(secret['annotations']));
  for (const [key] of annotations) {
    if (!ANNOTATION_KEY.test(key)) refuse(`Invalid annotation key: [${key}].`);
  }
  const bytes = annotations
    .map(([key, value]) => Buffer.byteLength(key) + Buffer.byteLength(textOf(value)))
    .reduce((sum, one) => sum + one, 0);
  if (bytes >= MOST_ANNOTATION_BYTES) {
    refuse(
      `The total size of annotation keys and values is ${bytes} bytes, and must be less than ${MOST_ANNOTATION_BYTES} bytes.`,
    );
  }
  if (isMap(secret['rotation']) && !Array.isArray(secret['topics'])) {
    refuse('Field [topics] must be set when a rotation policy is.');
  }
}

export function checkPayload(data: Buffer): void {
  if (data.length > MOST_PAYLOAD_BYTES) {
    refuse(
      `The Secret Payload is ${data.length} bytes, and must be at most ${MOST_PAYLOAD_BYTES} bytes.`,
    );
  }
}

/** A stale etag: https://cloud.google.com/secret-manager/docs/etags */
export function checkEtag(name: string, given: string, current: string): void {
  if (given === '' || given === current) return;
  throw new GoogleFault(
    'FAILED_PRECONDITION',
    `The etag provided in the request does not match the etag of the resource [${name}].`,
  );
}
