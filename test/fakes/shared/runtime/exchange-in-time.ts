import type { Agent } from 'node:http';
import { exchange, type ExchangeOutcome, type SentRequest } from './exchange.ts';

/** What came of a request. */
export type Outcome = ExchangeOutcome | { readonly kind: 'timeout' };

/** One request to an instance, which is abandoned when its time is over, or when the caller leaves. */
export async function exchangeInTime(
  target: { readonly port: number; readonly agent: Agent },
  request: SentRequest,
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<Outcome> {
  const { outcome, abandon } = exchange(target, request);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'timeout' }), limits.timeoutMs);
  });
  limits.signal?.addEventListener('abort', abandon, { once: true });
  const first = await Promise.race([outcome, late]);
  clearTimeout(timer);
  limits.signal?.removeEventListener('abort', abandon);
  if (first.kind === 'timeout') abandon();
  return first;
}
