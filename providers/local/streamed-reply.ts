/** A reply that begins before its call has ended: its body is a stream. */
import type { LocalHttpResponse, LocalReply } from './ports.ts';

/** What a call came to, without what it gave. */
export type CallFigures = Omit<LocalReply, 'output'>;

/** What a call gives whose body streams. Its own figures are those at the head. */
export interface StreamedReply extends LocalReply {
  readonly output: LocalHttpResponse;
  /**
   * Resolves when the stream has ended, or its reader wants no more of it; rejects with what ended it before: what the
   * call itself would have rejected with. Nobody has to wait for it.
   */
  readonly whole: Promise<CallFigures>;
}

export function isStreamed(reply: LocalReply): reply is StreamedReply {
  return 'whole' in reply;
}
