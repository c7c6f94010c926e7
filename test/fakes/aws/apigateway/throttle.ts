/** A token bucket on simulated time. */
import type { RouteSettings, StageState } from './state.ts';

/** Of the account and region, where neither the route nor the stage says anything (API Gateway quotas). */
const ACCOUNT = { rate: 10_000, burst: 5000 };

export interface TokenBucket {
  tokens: number;
  at: number;
}

/** Takes a token of a route; false when there is none. */
export function takeToken(stage: StageState, routeKey: string, now: number): boolean {
  const settings: RouteSettings = { ...stage.defaults, ...stage.settings.get(routeKey) };
  const rate = settings.throttlingRateLimit ?? ACCOUNT.rate;
  const burst = settings.throttlingBurstLimit ?? ACCOUNT.burst;
  const bucket = stage.buckets.get(routeKey) ?? { tokens: burst, at: now };
  stage.buckets.set(routeKey, bucket);
  bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * rate);
  bucket.at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}
