/** Where event subscriptions deliver to, and where they put what cannot be delivered. */
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import { readFields, type Fields } from '../service-bus/resource-tree/fields.ts';
import { invalidSubscription, notOffered } from './faults.ts';
import { accountOf } from './storage-id.ts';

export type Destination = QueueDestination | FunctionDestination | WebHookDestination;

export interface QueueDestination {
  readonly kind: 'StorageQueue';
  readonly resourceId: string;
  readonly account: string;
  readonly queue: string;
  /** -1: for ever. */
  readonly timeToLiveSeconds: number;
}

export interface FunctionDestination {
  readonly kind: 'AzureFunction';
  readonly resourceId: string;
  readonly siteId: string;
  readonly functionName: string;
  readonly batch: Batch;
}

export interface WebHookDestination {
  readonly kind: 'WebHook';
  readonly url: string;
  readonly batch: Batch;
}

interface Batch {
  readonly maxEventsPerBatch: number;
  readonly preferredBatchSizeInKilobytes: number;
}

export interface BlobTarget {
  readonly resourceId: string;
  readonly account: string;
  readonly container: string;
}

/** Seven days, which is what a queue gives its messages, too. */
const DEFAULT_TTL_SECONDS = 604_800;
const FUNCTION =
  /^(\/subscriptions\/.+\/providers\/Microsoft\.Web\/sites\/[^/]+)\/functions\/([^/]+)$/i;

const KINDS: Readonly<Record<string, (fields: Fields) => Destination>> = {
  storagequeue: readQueue,
  azurefunction: readFunction,
  webhook: readWebHook,
};
/** What else Event Grid delivers to. */
const OTHERS =
  /^(?:eventhub|hybridconnection|servicebusqueue|servicebustopic|monitoralert|namespacetopic|partnerdestination)$/i;

export function readDestination(sent: JsonMap | undefined): Destination {
  if (!sent) throw invalidSubscription('The destination cannot be null.');
  const type = textOf(sent['endpointType']);
  const read = KINDS[type.toLowerCase()];
  if (read) return read(readFields(mapOf(sent['properties']), invalidSubscription));
  if (OTHERS.test(type)) throw notOffered(`destination ${type}`);
  throw invalidSubscription(`The endpoint type '${type}' of the destination is not supported.`);
}

export function readDeadLetter(sent: JsonMap | undefined): BlobTarget | undefined {
  if (!sent) return undefined;
  const type = textOf(sent['endpointType']);
  if (type.toLowerCase() !== 'storageblob') {
    throw invalidSubscription(
      `The endpoint type '${type}' of the dead letter destination is not supported. It must be StorageBlob.`,
    );
  }
  const fields = readFields(mapOf(sent['properties']), invalidSubscription);
  const storage = readStorage(fields);
  return { ...storage, container: required(fields, 'blobContainerName') };
}

export function shownDestination(destination: Destination): JsonMap {
  return { endpointType: destination.kind, properties: shownProperties(destination) };
}

export function shownDeadLetter(target: BlobTarget | undefined): JsonMap | null {
  if (!target) return null;
  const { resourceId, container } = target;
  return { endpointType: 'StorageBlob', properties: { resourceId, blobContainerName: container } };
}

function shownProperties(destination: Destination): JsonMap {
  if (destination.kind === 'StorageQueue') {
    return {
      resourceId: destination.resourceId,
      queueName: destination.queue,
      queueMessageTimeToLiveInSeconds: destination.timeToLiveSeconds,
    };
  }
  if (destination.kind === 'AzureFunction') {
    return { resourceId: destination.resourceId, ...destination.batch };
  }
  // The query may hold a key, and is told by `getFullUrl` only.
  return { endpointBaseUrl: destination.url.split('?')[0], ...destination.batch };
}

function readQueue(fields: Fields): QueueDestination {
  const { resourceId, account } = readStorage(fields);
  const name = 'queueMessageTimeToLiveInSeconds';
  const timeToLiveSeconds = fields.count(name, -1, 2 ** 31 - 1) ?? DEFAULT_TTL_SECONDS;
  if (timeToLiveSeconds === 0) {
    throw invalidSubscription(
      `The value '0' of '${name}' is not valid. It must be positive, or -1.`,
    );
  }
  const queue = required(fields, 'queueName');
  return { kind: 'StorageQueue', resourceId, account, queue, timeToLiveSeconds };
}

function readFunction(fields: Fields): FunctionDestination {
  const resourceId = required(fields, 'resourceId');
  const [, siteId, functionName] = FUNCTION.exec(resourceId) ?? [];
  if (siteId === undefined || functionName === undefined) {
    throw invalidSubscription(`The resource id '${resourceId}' is not one of a function.`);
  }
  return { kind: 'AzureFunction', resourceId, siteId, functionName, batch: readBatch(fields) };
}

function readWebHook(fields: Fields): WebHookDestination {
  const url = fields.text('endpointUrl') ?? '';
  // The sites of this fake speak http.
  if (!/^https:\/\/[^/]+|^http:\/\/(?:127\.0\.0\.1|localhost)\b/i.test(url) || !URL.canParse(url)) {
    throw invalidSubscription(
      'Supplied URL is invalid. It cannot be null or empty and should be a proper HTTPS URL like https://www.example.com.',
    );
  }
  return { kind: 'WebHook', url, batch: readBatch(fields) };
}

function readBatch(fields: Fields): Batch {
  return {
    maxEventsPerBatch: fields.count('maxEventsPerBatch', 1, 5000) ?? 1,
    preferredBatchSizeInKilobytes: fields.count('preferredBatchSizeInKilobytes', 1, 1024) ?? 64,
  };
}

function readStorage(fields: Fields): { readonly resourceId: string; readonly account: string } {
  const resourceId = required(fields, 'resourceId');
  const account = accountOf(resourceId);
  if (account !== undefined) return { resourceId, account };
  throw invalidSubscription(`The resource id '${resourceId}' is not one of a storage account.`);
}

function required(fields: Fields, name: string): string {
  const value = fields.text(name) ?? '';
  if (value === '') throw invalidSubscription(`'${name}' cannot be null or empty.`);
  return value;
}
