/** What goes wrong on the way to AWS, at every call in turn. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeAwsSubject } from '../contract/aws-subject.ts';

runContract(
  'aws, faults',
  makeAwsSubject,
  { describe, it, beforeAll, afterAll },
  { areas: ['faults'] },
);
