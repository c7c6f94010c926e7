/** Deliveries that are tried again on simulated time, as EventBridge, its Scheduler and S3 do. */
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';

/** Why a delivery was given up. */
export interface GivenUp {
  readonly fault: AwsFault;
  /** How often it was tried again. */
  readonly retries: number;
  readonly condition?: 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';
}

export interface Delivery {
  /** Refused with an `AwsFault`. `attempt` is 1 at first. */
  send(attempt: number): Promise<void>;
  readonly maxRetries: number;
  readonly maxAgeSeconds: number;
  giveUp(why: GivenUp): void;
}

/** The defaults of EventBridge and its Scheduler. */
export const DEFAULT_RETRY = { maxRetries: 185, maxAgeSeconds: 86_400 } as const;

const LONGEST_WAIT_MS = 600_000;

/** Makes the first attempt. Those after it follow by themselves, on simulated time. */
export async function deliver(world: World, delivery: Delivery): Promise<void> {
  await attempt(world, delivery, 1, world.clock.now());
}

async function attempt(
  world: World,
  delivery: Delivery,
  number: number,
  startedAt: number,
): Promise<void> {
  try {
    await delivery.send(number);
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    const retries = number - 1;
    const waitMs = Math.min(1000 * 2 ** retries, LONGEST_WAIT_MS);
    const ageMs = world.clock.now() + waitMs - startedAt;
    if (!isPassing(error)) {
      delivery.giveUp({ fault: error, retries });
    } else if (retries >= delivery.maxRetries) {
      delivery.giveUp({ fault: error, retries, condition: 'MaximumRetryAttempts' });
    } else if (ageMs > delivery.maxAgeSeconds * 1000) {
      delivery.giveUp({ fault: error, retries, condition: 'MaximumEventAgeInSeconds' });
    } else {
      world.clock.after(waitMs, () => {
        world.work.run(() => attempt(world, delivery, number + 1, startedAt));
      });
    }
  }
}

/** A missing permission or target is no passing trouble: such deliveries are not tried again. */
function isPassing(fault: AwsFault): boolean {
  return fault.status >= 500 || fault.status === 429 || /TooMany|Throttl/.test(fault.code);
}
