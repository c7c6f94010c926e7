/** What can be asked of planners, each with what is observed at that moment. */
import type {
  Binding,
  DeployRequest,
  FunctionRef,
  ObservedFunction,
  Plan,
  Planners,
} from 'polyfaas/spi';
import { normalizeEvent } from '../../../src/spec/normalize.ts';
import type { EventSpec } from '../../../src/spec/types.ts';
import { deepFreeze } from './deep-freeze.ts';

export interface PlanOperations<Wish> {
  deploy(wish: Wish): Plan;
  configureEvent(event: EventSpec): Plan;
  removeEvent(bindingId: string): Plan;
  rollback(version: string): Plan;
  remove(): Plan;
  prune(keepVersions: number): Plan;
  preWarm(instances: number): Plan;
}

/** Whose plans these are. */
export interface PlanBase {
  readonly ref: FunctionRef;
  readonly identity: DeployRequest['identity'];
}

/** The planners are given what cannot be changed, so that one that changes it throws. */
export function operationsOf<Wish, Observed extends ObservedFunction>(
  planners: Planners<Observed>,
  base: PlanBase,
  observe: () => Observed,
  requestOf: (wish: Wish) => DeployRequest,
): PlanOperations<Wish> {
  const observed = (): Observed => deepFreeze(observe());
  return {
    deploy: (wish) => planners.deploy(deepFreeze(requestOf(wish)), observed()),
    configureEvent(event) {
      const binding: Binding = { ...normalizeEvent(event), origin: 'api' };
      return planners.configureEvent(deepFreeze({ ...base, binding }), observed());
    },
    removeEvent: (bindingId) =>
      planners.removeEvent(deepFreeze({ ...base, bindingId }), observed()),
    rollback: (version) => planners.rollback(deepFreeze({ ...base, version }), observed()),
    remove: () => planners.remove(deepFreeze(base), observed()),
    prune: (keepVersions) => planners.prune(deepFreeze({ ...base, keepVersions }), observed()),
    preWarm: (instances) => planners.preWarm(deepFreeze({ ...base, instances }), observed()),
  };
}
