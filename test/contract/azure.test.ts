/** The contract on Azure. The faults, which take as long as all the rest, have a file of their own. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { QUICK_AREAS } from '../support/areas.ts';
import { makeAzureSubject } from './azure-subject.ts';

// The host ends a loop half a minute after its time, in real time.
vi.setConfig({ testTimeout: 120_000 });

runContract(
  'azure',
  makeAzureSubject,
  { describe, it, beforeAll, afterAll },
  { areas: QUICK_AREAS },
);

// The other service for queues, which delivers again at once: delays between attempts are not kept, and a plan says so.
runContract(
  'azure, Service Bus',
  () => makeAzureSubject({ queues: 'servicebus' }),
  { describe, it, beforeAll, afterAll },
  { areas: ['queue'], except: ['queue/backoff'] },
);
