/** The contract on Azure. The faults, which take as long as all the rest, have a file of their own. */
import { CONTRACT_AREAS, runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeAzureSubject } from './azure-subject.ts';

runContract(
  'azure',
  makeAzureSubject,
  { describe, it, beforeAll, afterAll },
  { areas: CONTRACT_AREAS.filter((area) => area !== 'faults') },
);

// The other service for queues, which delivers again at once: delays between attempts are not kept, and a plan says so.
runContract(
  'azure, Service Bus',
  () => makeAzureSubject({ queues: 'servicebus' }),
  { describe, it, beforeAll, afterAll },
  { areas: ['queue'], except: ['queue/backoff'] },
);
