/** What comes of a call that looks whether a version answers. */
import { ServerlessError } from 'polyfaas/spi';

/** It does not answer, and may in a moment. */
export interface NotYet {
  /** What answered in its place, in few words: `404 DEPLOYMENT_NOT_FOUND`. */
  readonly notYet: string;
  /** What is known of the address; null: nothing speaks against it. */
  readonly doubt: 'nowhere' | 'protected' | null;
  /** What is thrown when it is no longer believed to pass. */
  readonly cause: unknown;
}

export type Verdict = 'ok' | NotYet | ServerlessError;

export function isFailure(verdict: Verdict): verdict is ServerlessError {
  return ServerlessError.isInstance(verdict);
}
