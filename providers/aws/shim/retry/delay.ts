import { retryDelaySeconds, type DelayPolicy } from 'polyfaas/function';

/**
 * SQS hides a message for at most 12 hours, counted from when it was received (API reference,
 * `ChangeMessageVisibility`), and refuses more: what a handler may take of that, 15 minutes, is taken off.
 */
const MAX_DELAY_SECONDS = 43_200 - 900;

/** How long a message of SQS rests after so many failed deliveries. */
export function queueDelaySeconds(policy: DelayPolicy, failed: number, random: number): number {
  return retryDelaySeconds(policy, failed, random, MAX_DELAY_SECONDS);
}
