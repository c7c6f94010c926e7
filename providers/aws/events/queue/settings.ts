/** Attributes of queues: compared, and told to those who own the queue. */
import { sameJson, shortHash } from 'polyfaas/spi';
import type { QueueWish } from './wish.ts';

type Attributes = Readonly<Record<string, string>>;

/** Equal, whatever the order of the keys, and whether the count is a number or a text. */
export function sameRedrive(wanted: string | undefined, present: string | undefined): boolean {
  return sameJson(redriveOf(wanted), redriveOf(present));
}

/** What is wrong with a queue that is not ours to change, and what to set on it; or undefined. */
export function settingProblem(queue: QueueWish, present: Attributes): string | undefined {
  const { source } = queue;
  if (source === undefined) return undefined;
  const where = `events.${queue.bindingId}`;
  const why = 'polyfaas does not change a queue that it did not make for this function.';
  const visibility = Number(present['VisibilityTimeout'] ?? 0);
  if (visibility < source.timeoutSeconds) {
    return `${where}.queue: the queue "${queue.queue}" hides a message for ${visibility} s, and the function may take ${source.timeoutSeconds} s, so messages would be delivered twice. Set the queue's VisibilityTimeout to ${source.timeoutSeconds} at least, better to ${source.visibilitySeconds}, or lower timeoutSeconds. ${why}`;
  }
  if (source.redrive && !sameRedrive(JSON.stringify(source.redrive), present['RedrivePolicy'])) {
    return `${where}.deadLetter: the queue "${queue.queue}" has ${present['RedrivePolicy'] ? 'another' : 'no'} RedrivePolicy. Set it to ${JSON.stringify(source.redrive)}, or leave deadLetter out. ${why}`;
  }
  return undefined;
}

/** A queue's policy, with a statement that lets the rule send to it; others are kept. */
export function senderPolicy(present: string | undefined, arn: string, sender: string): string {
  const statement = {
    Sid: senderSid(sender),
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arn,
    Condition: { ArnEquals: { 'aws:SourceArn': sender } },
  };
  const others = statementsOf(present);
  if (others.some((other) => sidOf(other) === statement.Sid)) return present ?? '';
  return JSON.stringify({ Version: '2012-10-17', Statement: [...others, statement] });
}

/** The policy without what {@link senderPolicy} adds; empty when nothing is left, undefined when it is not in it. */
export function withoutSender(present: string | undefined, sender: string): string | undefined {
  const statements = statementsOf(present);
  const left = statements.filter((other) => sidOf(other) !== senderSid(sender));
  if (left.length === statements.length) return undefined;
  return left.length === 0 ? '' : JSON.stringify({ Version: '2012-10-17', Statement: left });
}

function senderSid(sender: string): string {
  return `polyfaas${shortHash(sender)}`;
}

function redriveOf(text: string | undefined): unknown {
  if (text === undefined || text === '') return null;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return null;
  const { deadLetterTargetArn, maxReceiveCount } = { ...blank, ...value };
  return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
}

const blank: { readonly deadLetterTargetArn: unknown; readonly maxReceiveCount: unknown } = {
  deadLetterTargetArn: null,
  maxReceiveCount: null,
};

function statementsOf(policy: string | undefined): readonly unknown[] {
  if (policy === undefined || policy === '') return [];
  const value: unknown = JSON.parse(policy);
  if (typeof value !== 'object' || value === null || !('Statement' in value)) return [];
  return Array.isArray(value.Statement) ? value.Statement : [value.Statement];
}

function sidOf(statement: unknown): unknown {
  return typeof statement === 'object' && statement !== null && 'Sid' in statement
    ? statement.Sid
    : undefined;
}
