/** Names of sources, and their ARNs. A plain name is a source in the function's own account and region. */
import type { NormalEvent } from 'polyfaas/spi';
import type { Target } from '../model.ts';

/** Where plain names are looked up. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** The parts of `arn:partition:service:region:account:resource`. */
export interface ArnParts extends Place {
  readonly service: string;
  readonly resource: string;
}

const ARN = /^arn:([^:]+):([^:]+):([^:]*):([^:]*):(.+)$/;
const QUEUE_URL = /^https?:\/\/([^/:]+)(?::\d+)?\/(\d{12})\/([^/]+)$/;
/** `sqs.eu-central-1.amazonaws.com`, that of a private endpoint, or the old `eu-central-1.queue.amazonaws.com`. */
const QUEUE_HOST = /(?:^|\.)sqs(?:-fips)?\.([a-z\d-]+)\.|^([a-z\d-]+)\.queue\./;

export function isNative(source: string): boolean {
  return source.startsWith('arn:') || QUEUE_URL.test(source);
}

export function parseArn(arn: string): ArnParts | undefined {
  const match = ARN.exec(arn);
  if (match === null) return undefined;
  const [, partition = '', service = '', region = '', account = '', resource = ''] = match;
  return { partition, service, region, account, resource };
}

/** The function's own account and region. */
export function placeOf(target: Pick<Target, 'functionArn'>): Place {
  const parts = parseArn(target.functionArn);
  return {
    partition: parts?.partition ?? 'aws',
    region: parts?.region ?? '',
    account: parts?.account ?? '',
  };
}

/** A queue by its name, its ARN or its address. */
export function queueArn(place: Place, queue: string): string {
  const url = QUEUE_URL.exec(queue);
  if (url) {
    const [, host = '', account = place.account, name = queue] = url;
    const [, region, oldRegion] = QUEUE_HOST.exec(host) ?? [];
    return arnOf('sqs', { ...place, account, region: region ?? oldRegion ?? place.region }, name);
  }
  return isNative(queue) ? queue : arnOf('sqs', place, queue);
}

export function topicArn(place: Place, topic: string): string {
  return isNative(topic) ? topic : arnOf('sns', place, topic);
}

export function streamArn(place: Place, stream: string): string {
  return isNative(stream) ? stream : arnOf('kinesis', place, `stream/${stream}`);
}

/** The ARN of the table itself, also when that of its stream is given. */
export function tableArn(place: Place, table: string): string {
  return isNative(table)
    ? table.replace(/\/stream\/.*$/, '')
    : arnOf('dynamodb', place, `table/${table}`);
}

/** True when it names the stream of a table, and not the table. */
export function isTableStream(table: string): boolean {
  return isNative(table) && table.includes('/stream/');
}

export function bucketArn(place: Place, bucket: string): string {
  return isNative(bucket) ? bucket : `arn:${place.partition}:s3:::${bucket}`;
}

export function bucketName(bucket: string): string {
  return isNative(bucket) ? (parseArn(bucket)?.resource ?? bucket) : bucket;
}

export function busArn(place: Place, bus: string): string {
  return isNative(bus) ? bus : arnOf('events', place, `event-bus/${bus}`);
}

/** A rule belongs to the account and region of its bus. */
export function ruleArn(place: Place, bus: string, rule: string): string {
  const parts = parseArn(busArn(place, bus)) ?? place;
  const name = busName(bus);
  return arnOf('events', parts, name === 'default' ? `rule/${rule}` : `rule/${name}/${rule}`);
}

export function busName(bus: string): string {
  return lastPart(bus);
}

/** A source's plain name, also when its ARN or address is given. */
export function plainName(source: string): string {
  if (isTableStream(source)) return lastPart(source.replace(/\/stream\/.*$/, ''));
  return lastPart(source);
}

/** The one ARN that tells the sources of a kind apart; undefined for kinds without a source. */
export function sourceArn(place: Place, event: NormalEvent): string | undefined {
  switch (event.type) {
    case 'queue':
      return queueArn(place, event.queue);
    case 'topic':
      return topicArn(place, event.topic);
    case 'stream':
      return streamArn(place, event.stream);
    case 'table':
      return tableArn(place, event.table);
    case 'object':
      return bucketArn(place, event.bucket);
    case 'bus':
      return busArn(place, event.bus);
    case 'http':
    case 'schedule':
      break;
  }
  return undefined;
}

function lastPart(source: string): string {
  return isNative(source) ? (source.split(/[:/]/).at(-1) ?? source) : source;
}

function arnOf(service: string, place: Place, resource: string): string {
  return `arn:${place.partition}:${service}:${place.region}:${place.account}:${resource}`;
}
