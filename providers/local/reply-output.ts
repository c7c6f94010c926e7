/** Decoders of a reply: the kind of the call says what its output is, not the look of the output. */
import type { JsonValue } from 'polyfaas/spi';
import type { LocalHttpResponse, LocalReply } from './ports.ts';

/** The output of a call of any kind but `http`. */
export function jsonOutput(reply: LocalReply): JsonValue {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the runtime gives JSON for these kinds
  return reply.output as JsonValue;
}

/** The output of an `http` call. */
export function httpOutput(reply: LocalReply): LocalHttpResponse {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the runtime gives a response for this kind
  return reply.output as LocalHttpResponse;
}
