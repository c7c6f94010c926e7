import { retryDelaySeconds, type DelayPolicy } from 'polyfaas/function';

/** A message of Azure Storage is hidden for at most 7 days (Put Message, `visibilitytimeout`). */
const MAX_DELAY_SECONDS = 604_800;

/** How long a message of a storage queue rests after so many failed deliveries. */
export function queueDelaySeconds(policy: DelayPolicy, failed: number, random: number): number {
  return retryDelaySeconds(policy, failed, random, MAX_DELAY_SECONDS);
}
