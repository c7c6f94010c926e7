/** The contract on Google Cloud. The faults, which take as long as all the rest, have a file of their own. */
import { CONTRACT_AREAS, runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeGcpSubject } from './gcp-subject.ts';

runContract(
  'gcp',
  makeGcpSubject,
  { describe, it, beforeAll, afterAll },
  { areas: CONTRACT_AREAS.filter((area) => area !== 'faults') },
);
