/** The contract on the local provider, with an instance per thread. The faults have a run of their own. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { QUICK_AREAS } from '../support/areas.ts';
import { makeLocalSubject } from './local-subject.ts';

runContract(
  'local (threads)',
  () => makeLocalSubject({ isolation: 'thread' }),
  { describe, it, beforeAll, afterAll },
  { areas: QUICK_AREAS },
);
