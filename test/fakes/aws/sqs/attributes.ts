/** The attributes that a queue can be given, their ranges, and what a new queue has. */
import { isObject } from '../core/operation.ts';
import {
  invalidAttributeName,
  invalidAttributeValue,
  invalidParameter,
  invalidValue,
} from './faults.ts';

/** What the rules of one queue's attributes need to know of it, and of its neighbours. */
export interface AttributeScene {
  readonly arn: string;
  readonly isFifo: boolean;
  /** Undefined when there is no such queue. */
  find(arn: string): { readonly isFifo: boolean; allowsSource(arn: string): boolean } | undefined;
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  VisibilityTimeout: [0, 43_200],
  MessageRetentionPeriod: [60, 1_209_600],
  DelaySeconds: [0, 900],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  MaximumMessageSize: [1024, 1_048_576],
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
};

const FLAGS = new Set(['SqsManagedSseEnabled']);
const FIFO_FLAGS = new Set(['FifoQueue', 'ContentBasedDeduplication']);
const FIFO_CHOICES: Readonly<Record<string, readonly string[]>> = {
  DeduplicationScope: ['queue', 'messageGroup'],
  FifoThroughputLimit: ['perQueue', 'perMessageGroupId'],
};
const DOCUMENTS = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy']);

/** Those that the service computes. */
export const READ_ONLY = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'QueueArn',
] as const;

export function isKnownAttribute(name: string): boolean {
  return (
    name in RANGES ||
    name in FIFO_CHOICES ||
    name === 'KmsMasterKeyId' ||
    [FLAGS, FIFO_FLAGS, DOCUMENTS].some((names) => names.has(name)) ||
    READ_ONLY.some((each) => each === name)
  );
}

export function defaultAttributes(isFifo: boolean): Map<string, string> {
  return new Map([
    ['VisibilityTimeout', '30'],
    ['MaximumMessageSize', '1048576'],
    ['MessageRetentionPeriod', '345600'],
    ['DelaySeconds', '0'],
    ['ReceiveMessageWaitTimeSeconds', '0'],
    ['SqsManagedSseEnabled', 'true'],
    ...(isFifo
      ? ([
          ['FifoQueue', 'true'],
          ['ContentBasedDeduplication', 'false'],
          ['DeduplicationScope', 'queue'],
          ['FifoThroughputLimit', 'perQueue'],
        ] as const)
      : []),
  ]);
}

/** Refuses what the service refuses. An empty text takes a document away. */
export function checkAttribute(name: string, value: string, scene: AttributeScene): void {
  const range = RANGES[name];
  if (range) {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= range[0] && number <= range[1])) throw invalidAttributeValue(name);
    return;
  }
  if (FLAGS.has(name)) return checkFlag(name, value);
  if (name === 'KmsMasterKeyId') return;
  if (FIFO_FLAGS.has(name) || name in FIFO_CHOICES) {
    if (!scene.isFifo) throw invalidAttributeName(name);
    if (FIFO_FLAGS.has(name)) return checkFlag(name, value);
    if (!FIFO_CHOICES[name]?.includes(value)) throw invalidAttributeValue(name);
    return;
  }
  if (!DOCUMENTS.has(name)) throw invalidAttributeName(name);
  if (value === '') return;
  if (name === 'Policy') checkPolicy(value);
  else if (name === 'RedrivePolicy') checkRedrive(value, scene);
  else checkAllowance(value);
}

function checkFlag(name: string, value: string): void {
  if (value !== 'true' && value !== 'false') throw invalidAttributeValue(name);
}

function parse(value: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function checkPolicy(value: string): void {
  const policy = parse(value);
  const statements = policy?.['Statement'];
  const list: readonly unknown[] = Array.isArray(statements) ? statements : [statements];
  const isSound = list.every(
    (each) =>
      isObject(each) &&
      (each['Effect'] === 'Allow' || each['Effect'] === 'Deny') &&
      each['Principal'],
  );
  if (!policy || !isSound) throw invalidAttributeValue('Policy');
}

/** Where a queue gives messages up to, and after how many deliveries. */
export interface Redrive {
  readonly target: string;
  readonly maxReceiveCount: number;
}

export function readRedrive(value: string | undefined): Redrive | undefined {
  const policy = value === undefined ? undefined : parse(value);
  const target = policy?.['deadLetterTargetArn'];
  const count = Number(policy?.['maxReceiveCount']);
  return typeof target === 'string' ? { target, maxReceiveCount: count } : undefined;
}

function checkRedrive(value: string, scene: AttributeScene): void {
  const refuse = (reason: string): Error => invalidValue('RedrivePolicy', value, reason);
  const policy = parse(value);
  if (!policy) throw refuse('Redrive policy is not a valid JSON map.');
  const target = policy['deadLetterTargetArn'];
  for (const name of ['maxReceiveCount', 'deadLetterTargetArn']) {
    if (policy[name] === undefined) {
      throw refuse(`Redrive policy does not contain mandatory attribute: ${name}.`);
    }
  }
  const count = Number(policy['maxReceiveCount']);
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    throw refuse(
      `Invalid value for maxReceiveCount: ${String(policy['maxReceiveCount'])}, valid values are from 1 to 1000 both inclusive.`,
    );
  }
  if (
    typeof target !== 'string' ||
    !/^arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w-]+(\.fifo)?$/.test(target)
  ) {
    throw refuse('Invalid value for deadLetterTargetArn.');
  }
  const queue = scene.find(target);
  if (!queue) throw refuse('Dead letter target does not exist.');
  if (queue.isFifo !== scene.isFifo) {
    throw refuse('Dead-letter queue must be same type of queue as the source.');
  }
  if (!queue.allowsSource(scene.arn)) {
    throw refuse('Dead letter target does not allow this queue as a source.');
  }
}

function checkAllowance(value: string): void {
  const policy = parse(value);
  const permission = policy?.['redrivePermission'];
  const sources: unknown = policy?.['sourceQueueArns'];
  const isByQueue = permission === 'byQueue';
  if (!isByQueue && permission !== 'allowAll' && permission !== 'denyAll') {
    throw invalidValue(
      'RedriveAllowPolicy',
      value,
      "Amazon SQS can't create the redrive allow policy.",
    );
  }
  const isList = Array.isArray(sources) && sources.length >= 1 && sources.length <= 10;
  if (isByQueue ? !isList : sources !== undefined) {
    throw invalidParameter(
      `Value ${value} for parameter RedriveAllowPolicy is invalid. Reason: Specify sourceQueueArns, from 1 to 10, with byQueue only.`,
    );
  }
}

/** Whether a redrive allow policy lets a source queue in. */
export function allowsSource(value: string | undefined, source: string): boolean {
  const policy = value === undefined || value === '' ? undefined : parse(value);
  if (!policy || policy['redrivePermission'] === 'allowAll') return true;
  const sources: unknown = policy['sourceQueueArns'];
  return Array.isArray(sources) && sources.includes(source);
}

/** Two values of an attribute that mean the same, documents by their content. */
export function sameValue(name: string, one: string | undefined, other: string): boolean {
  if (one === other) return true;
  if (one === undefined || !DOCUMENTS.has(name)) return one === undefined && other === '';
  return normal(one) === normal(other);
}

function normal(document: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(document)));
  } catch {
    return document;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key])]),
  );
}
