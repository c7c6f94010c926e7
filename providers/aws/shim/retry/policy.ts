/** The bindings of the function that this instance runs, as its own tags tell them. */
import type { Binding, NormalEvent, RetryPolicy } from 'polyfaas/spi';
import { decodeRecord } from '../../record.ts';
import { lambdaClient } from '../clients.ts';
import { nameOfArn } from '../json.ts';
import { functionArn, type LambdaContext } from '../lambda-context.ts';

/** A binding may have been changed meanwhile; a failing function should not ask at every failure. */
const KEPT_MS = 30_000;

/** What is done when a delivery fails. */
export interface DeliveryPolicy {
  readonly bindingId: string;
  readonly retry: RetryPolicy;
  readonly deadLetter: string | undefined;
}

/** Where an event came from: the id of its binding, or the plain name of its source. */
export type Origin =
  | { readonly kind: 'queue' | 'topic'; readonly name: string; readonly arn: string }
  | {
      readonly kind: 'object';
      readonly name: string;
      readonly type: 'created' | 'deleted';
      readonly key: string;
    }
  | { readonly kind: 'bus'; readonly bindingId: string };

let kept: { readonly bindings: readonly Binding[]; readonly readAt: number } | undefined;

/**
 * The policy of the binding that an event came through; undefined for an event without a binding of ours.
 *
 * @throws what the SDK throws when the tags cannot be read.
 */
export async function findPolicy(
  origin: Origin,
  context: LambdaContext,
): Promise<DeliveryPolicy | undefined> {
  const bindings = await readBindings(context);
  for (const { id, event } of bindings) {
    if (!('retry' in event) || !matches(id, event, origin)) continue;
    return { bindingId: id, retry: event.retry, deadLetter: event.deadLetter };
  }
  return undefined;
}

async function readBindings(context: LambdaContext): Promise<readonly Binding[]> {
  const now = Date.now();
  if (kept === undefined || now - kept.readAt > KEPT_MS) {
    const { Tags } = await lambdaClient().listTags({ Resource: functionArn(context) });
    kept = { bindings: decodeRecord(Tags ?? {})?.bindings ?? [], readAt: now };
  }
  return kept.bindings;
}

function matches(id: string, event: NormalEvent, origin: Origin): boolean {
  switch (origin.kind) {
    case 'bus':
      return id === origin.bindingId;
    case 'queue':
      return event.type === 'queue' && isSame(event.queue, origin);
    case 'topic':
      return event.type === 'topic' && isSame(event.topic, origin);
    case 'object':
      break;
  }
  return (
    event.type === 'object' &&
    nameOfBucket(event.bucket) === origin.name &&
    event.on.includes(origin.type) &&
    origin.key.startsWith(event.prefix) &&
    origin.key.endsWith(event.suffix)
  );
}

/** A source is named by its plain name, its ARN, or (a queue) its URL. */
function isSame(written: string, origin: { readonly name: string; readonly arn: string }): boolean {
  if (written.startsWith('arn:')) return written === origin.arn;
  if (/^https?:\/\//.test(written)) {
    return new URL(written).pathname === `/${accountAndName(origin.arn)}`;
  }
  return written === origin.name;
}

function accountAndName(arn: string): string {
  return `${arn.split(':')[4] ?? ''}/${nameOfArn(arn)}`;
}

function nameOfBucket(written: string): string {
  return written.startsWith('arn:') ? (written.split(':')[5] ?? written) : written;
}
