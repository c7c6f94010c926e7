/** Runs code in isolated instances: the local provider's {@link InstancePool}. */
import type { CreateInstancePool } from '../ports.ts';
import { LocalInstancePool } from './pool.ts';

export const createInstancePool: CreateInstancePool = (settings, listener, clock) =>
  new LocalInstancePool(settings, listener, clock);
