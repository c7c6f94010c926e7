import type { Answer } from './answer.ts';

/** A call of the deployer on its way to a plane. */
export interface Exchange<Reply = Answer> {
  /** The plane's name. */
  readonly plane: string;
  readonly method: string;
  /** As it was sent, with the query. */
  readonly url: string;
  readonly body: Buffer;
  readonly isWrite: boolean;
  /** Lets the plane act. */
  act(): Promise<Reply>;
  /** What the plane says when it does nothing. */
  instead(kind: 'throttled' | 'failed'): Reply;
}

/** What comes of it: an answer, a broken connection, or silence. */
export type ExchangeOutcome<Reply = Answer> = Reply | 'destroy' | 'hang';

/** Stands between the wire and the planes, for calls of the deployer. */
export type Intercept<Reply = Answer> = (
  exchange: Exchange<Reply>,
) => Promise<ExchangeOutcome<Reply>>;
