/** What a direct call fails with. */
import { DIRECT_HEADER } from '../../http/direct/index.ts';

/** An answer that was not the function's: of the platform, or a refusal. */
export class DirectCallError extends Error {
  override readonly name = 'DirectCallError';
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most 20,000 characters of it. */
  readonly body: string;
  /** Why the function's own entry refused the call; undefined when it was not reached. */
  readonly refused: string | undefined;

  constructor(status: number, headers: Readonly<Record<string, string>>, body: string) {
    const refused = headers[DIRECT_HEADER.refused];
    super(
      refused === undefined
        ? `The platform answered a direct call with ${status}.`
        : `The function refused a direct call: ${refused}.`,
    );
    this.status = status;
    this.headers = headers;
    this.body = body.slice(0, 20_000);
    this.refused = refused;
  }
}

/** No answer came in time. */
export class DirectTimeoutError extends Error {
  override readonly name = 'DirectTimeoutError';
}
