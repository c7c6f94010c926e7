/** What several targets came to, told as one error. */
import { ServerlessError } from '../errors/index.ts';
import { statusText } from './fan-out.ts';

/** A target that did not do what it was asked, and why. */
export interface Miss {
  readonly id: string;
  readonly error: unknown;
}

/**
 * The error that a call ends with, which knows what the other targets said when several were asked.
 *
 * @param what is said before what the others said.
 */
export function withOthers(misses: readonly Miss[], error: unknown, what = 'Asked too'): unknown {
  const others = misses.filter((miss) => miss.error !== error);
  if (others.length === 0) return error;
  const known = ServerlessError.isInstance(error) ? error : undefined;
  // Where all say the same, once is enough.
  const news = others.filter((miss) => statusText(miss.error) !== statusText(error));
  const said = news.map((miss) => `${miss.id}: ${statusText(miss.error)}`).join('; ');
  const message = error instanceof Error ? error.message : String(error);
  return new ServerlessError({
    code: known?.code ?? 'UNKNOWN',
    message: news.length === 0 ? message : `${message} (${what}: ${said})`,
    retryable: known?.retryable,
    retryAfterMs: known?.retryAfterMs,
    provider: known?.provider,
    function: known?.function,
    step: known?.step,
    details: {
      ...known?.details,
      targets: Object.fromEntries(misses.map((miss) => [miss.id, statusText(miss.error)])),
    },
    cause: known ? known.cause : error,
  });
}
