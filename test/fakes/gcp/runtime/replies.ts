/**
 * What Cloud Run answers in place of a container.
 *
 * @see https://cloud.google.com/run/docs/troubleshooting
 */
import type { ServiceReply } from '../core/ports.ts';

function reply(
  status: number,
  text: string,
  fate: ServiceReply['fate'],
  type = 'text/plain',
): ServiceReply {
  const body = Buffer.from(text);
  const headers = ['Content-Type', type, 'Content-Length', String(body.length)];
  return { status, headers, body, fate };
}

/** What the front says of its own accord; the log alone has the reason. */
const page = (fate: ServiceReply['fate']): ServiceReply =>
  reply(
    500,
    '<html><head><title>500 Server Error</title></head><body><h1>Error: Server Error</h1></body></html>',
    fate,
    'text/html; charset=UTF-8',
  );

export const TIMED_OUT = reply(504, 'upstream request timeout', 'timeout');

export const BROKEN = reply(
  503,
  'The request failed because either the HTTP response was malformed or connection to the instance had an error.',
  'crashed',
);

export const NO_INSTANCE = reply(429, 'Rate exceeded.', 'no-instance');

export const OUT_OF_SERVICE = reply(503, 'Service Unavailable', 'no-instance');

export const NOT_STARTED = page('no-instance');

export const TOO_LARGE = page('answered');

const REASONS: ReadonlyMap<ServiceReply, string> = new Map([
  [
    TIMED_OUT,
    'The request has been terminated because it has reached the maximum request timeout.',
  ],
  [NO_INSTANCE, 'The request was aborted because there was no available instance.'],
  [NOT_STARTED, 'The request failed because the instance could not start successfully.'],
  [TOO_LARGE, 'Response size was too large. Please consider reducing response size.'],
  [BROKEN, BROKEN.body.toString()],
]);

/** What the log of requests says of a reply; nothing of a container's own. */
export function saidOf(given: ServiceReply): string | undefined {
  return REASONS.get(given);
}

/** Of an answer that is not streamed. */
export const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
