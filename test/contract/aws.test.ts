/** The contract on AWS. The faults, which take as long as all the rest, have a file of their own. */
import { CONTRACT_AREAS, runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeAwsSubject } from './aws-subject.ts';

runContract(
  'aws',
  makeAwsSubject,
  { describe, it, beforeAll, afterAll },
  { areas: CONTRACT_AREAS.filter((area) => area !== 'faults') },
);
