/** Which functions a deployment has: one for calls, and one for each trigger, since Vercel gives a function one trigger. */
import type { RetryPolicy } from 'polyfaas/spi';
import {
  ASYNC_FUNCTION,
  ASYNC_TOPIC,
  EVENTS_FUNCTIONS,
  MAIN_FUNCTION,
  type AsyncRules,
  type BindingPolicy,
  type FuncManifest,
} from '../manifest.ts';
import { consumerName } from './consumer.ts';

/** `queue/v2beta` of `experimentalTriggers` in `.vc-config.json`. */
export interface QueueTrigger {
  readonly type: 'queue/v2beta';
  readonly topic: string;
  readonly consumer: string;
  readonly retryAfterSeconds: number;
  readonly maxDeliveries: number;
}

/** One `.func` folder. */
export interface PlannedFunction {
  /** Below `functions`, without `.func`: `polyfaas/main`. */
  readonly name: string;
  readonly serves: FuncManifest['serves'];
  /** Null: it is called over its routes. With one, nobody reaches it but Vercel Queues. */
  readonly trigger: QueueTrigger | null;
}

/** Of leases, and so of what is waited for before a message comes again ("Vercel Queues", limits). */
const LONGEST_RETRY_SECONDS = 3_600;
/**
 * Deliveries are counted by the code inside, which sends what failed for the last time to the dead letters. What ended
 * together with its instance on the last attempt must come once more to get there: Vercel drops it after these.
 */
const SPARE_DELIVERIES = 5;

/** Sorted by name. */
export function plannedFunctions(input: {
  readonly policies: readonly BindingPolicy[];
  readonly async: AsyncRules | null;
}): readonly PlannedFunction[] {
  const functions: PlannedFunction[] = [{ name: MAIN_FUNCTION, serves: 'main', trigger: null }];
  if (input.async !== null) {
    const trigger = triggerOf(ASYNC_FUNCTION, ASYNC_TOPIC, input.async);
    functions.push({ name: ASYNC_FUNCTION, serves: 'async', trigger });
  }
  for (const { binding } of input.policies) {
    const { id, event } = binding;
    if ((event.type !== 'queue' && event.type !== 'topic') || !event.enabled) continue;
    const topic = event.type === 'queue' ? event.queue : event.topic;
    const name = `${EVENTS_FUNCTIONS}${id}`;
    const trigger = triggerOf(name, topic, event.retry);
    functions.push({ name, serves: { bindingId: id }, trigger });
  }
  return functions.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function triggerOf(
  name: string,
  topic: string,
  { delaySeconds, maxAttempts }: Pick<RetryPolicy, 'delaySeconds' | 'maxAttempts'>,
): QueueTrigger {
  return {
    type: 'queue/v2beta',
    topic,
    consumer: consumerName(name),
    retryAfterSeconds: Math.min(LONGEST_RETRY_SECONDS, Math.max(1, Math.ceil(delaySeconds))),
    maxDeliveries: maxAttempts + SPARE_DELIVERIES,
  };
}
