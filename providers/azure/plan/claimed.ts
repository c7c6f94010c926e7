/** Steps that subscribe: each looks whether the function's events are still this operation's to change. */
import { digestOf, type Step } from 'polyfaas/spi';

const SUBSCRIBING: ReadonlySet<string> = new Set(['put-event-subscription', 'put-subscription']);

/** @param knows records that may be there while these steps run. */
export function claimed(steps: readonly Step[], knows: readonly object[]): readonly Step[] {
  const digests = [...new Set(knows.map((one) => digestOf(one)))];
  return steps.map((step) =>
    SUBSCRIBING.has(step.kind) ? { ...step, input: { ...step.input, knows: digests } } : step,
  );
}
