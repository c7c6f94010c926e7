/** A function that plans are made for and carried out on, and nothing is sent. */
import type { ObservedFunction, Plan } from 'polyfaas/spi';
import type { PlanOperations } from './operations.ts';

export interface PlanWorld<Wish, Observed extends ObservedFunction = ObservedFunction>
  extends PlanOperations<Wish>, Disposable {
  observed(): Observed;
  /** Does what the plan says, up to a number of steps, and gives the plan back. */
  apply(plan: Plan, steps?: number): Plan;
  /** From here on, what is observed is a full reading. */
  readAll(): void;
  /** Puts a namesake there that is somebody else's. */
  stranger(): void;
}
