/** Runs code in isolated instances: the local provider's {@link InstancePool}. */
import type { CreateInstancePool } from '../ports.ts';
import { LocalInstancePool } from './pool.ts';

export { Places } from './places.ts';

export const createInstancePool: CreateInstancePool = (settings, listener, clock, places) =>
  new LocalInstancePool(settings, listener, clock, undefined, places);
