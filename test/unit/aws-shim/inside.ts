/** The shim without a platform around it. */
import { bindHandler } from '../../../src/function/index.ts';
import { createEntry } from '../../../providers/aws/shim/index.ts';
import type { LambdaContext } from '../../../providers/aws/shim/lambda-context.ts';

export function lambdaContext(change: Partial<LambdaContext> = {}): LambdaContext {
  return {
    awsRequestId: 'aws-1',
    functionName: 'shop-test-orders',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:shop-test-orders:live',
    getRemainingTimeInMillis: () => 5_000,
    ...change,
  };
}

export interface Seen {
  readonly event: unknown;
  readonly context: Readonly<Record<string, unknown>>;
}

type Handlers = Readonly<Record<string, (event: never, context: never) => unknown>>;

/** The entry of a handler that answers with what it was told to. */
export function entryOf(handlers: Handlers | ((event: never, context: never) => unknown)) {
  return createEntry(bindHandler({ default: handlers }));
}

const KINDS = ['schedule', 'queue', 'topic', 'object', 'stream', 'table', 'bus'] as const;

/** Calls a handler of all event kinds, and tells what it saw. */
export async function seenBy(event: unknown, change: Partial<LambdaContext> = {}): Promise<Seen> {
  const seen: (Seen & { readonly kind: string })[] = [];
  const note =
    (kind: string) =>
    (given: unknown, context: Readonly<Record<string, unknown>>): void => {
      const { requestId, attempt, trace } = context;
      seen.push({ kind, event: given, context: { requestId, attempt, trace } });
    };
  const handlers = Object.fromEntries(KINDS.map((kind) => [kind, note(kind)]));
  await entryOf(handlers).handler(event, lambdaContext(change));
  const [first] = seen;
  if (first === undefined) throw new Error('nothing was seen');
  return first;
}
