/**
 * The contract on the local provider with an instance per process. The area `faults` disturbs what happens on disk,
 * which does not know how instances run; it is left to the run with threads.
 */
import { CONTRACT_AREAS, runContract } from 'polyfaas/contract';
import { afterAll, describe, it } from 'vitest';
import { makeLocalSubject } from './local-subject.ts';

runContract(
  'local (processes)',
  () => makeLocalSubject({ isolation: 'process' }),
  { describe, it, afterAll },
  { areas: CONTRACT_AREAS.filter((area) => area !== 'faults') },
);
