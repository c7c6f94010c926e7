/**
 * What Cloud Run answers in place of a container.
 *
 * @see https://cloud.google.com/run/docs/troubleshooting
 */
import type { ServiceReply } from '../core/ports.ts';

function reply(status: number, text: string, fate: ServiceReply['fate']): ServiceReply {
  const body = Buffer.from(text);
  const headers = ['Content-Type', 'text/plain', 'Content-Length', String(body.length)];
  return { status, headers, body, fate };
}

export const TIMED_OUT = reply(504, 'upstream request timeout', 'timeout');

export const BROKEN = reply(
  503,
  'The request failed because either the HTTP response was malformed or connection to the instance had an error.',
  'crashed',
);

export const NO_INSTANCE = reply(429, 'Rate exceeded.', 'no-instance');

export const NOT_STARTED = reply(
  503,
  'The request failed because the instance could not start successfully.',
  'no-instance',
);

export const TOO_LARGE = reply(
  500,
  'Response size was too large. Please consider reducing response size.',
  'answered',
);

/** What the log of requests says of a reply; nothing of a container's own. */
export function saidOf({ fate, body }: Pick<ServiceReply, 'fate' | 'body'>): string | undefined {
  if (fate === 'timeout') {
    return 'The request has been terminated because it has reached the maximum request timeout.';
  }
  return fate === 'crashed' ? body.toString() : undefined;
}

/** Of an answer that is not streamed. */
export const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
