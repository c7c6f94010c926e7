/** What a handler answered to a batch. The runtime has checked it already. */
import type { OrderedResult, QueueResult } from './events.ts';
import type { ShimReply } from './shim.ts';

export function isQueueResult(reply: ShimReply): reply is QueueResult {
  return (
    typeof reply === 'object' &&
    reply !== null &&
    'retry' in reply &&
    (reply.retry === undefined || Array.isArray(reply.retry))
  );
}

function isOrderedResult(reply: ShimReply): reply is OrderedResult {
  return typeof reply === 'object' && reply !== null && 'retryFrom' in reply;
}

/** A delivery of one message, or one record: whichever the handler names, it is this one. */
export function asksAgain(reply: ShimReply): boolean {
  if (isQueueResult(reply)) return (reply.retry ?? []).length > 0;
  return isOrderedResult(reply) && reply.retryFrom !== undefined;
}
