/** How executors of events wait: longer than those of functions. */
import { again as later, type CallContext, type JsonObject, type Waiting } from 'polyfaas/spi';

export { keptOf } from 'polyfaas/spi';

/** Asks to be called again, less and less often. */
export function again(
  call: Pick<CallContext, 'resume'>,
  stage: string,
  keep: JsonObject = {},
): Waiting {
  return later(call, { stage, keep, longestMs: 15_000, growth: 1.6 });
}
