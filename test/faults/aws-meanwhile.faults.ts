/** What another process does on AWS meanwhile, before every call in turn. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeAwsSubject } from '../contract/aws-subject.ts';

runContract(
  'aws, meanwhile',
  makeAwsSubject,
  { describe, it, beforeAll, afterAll },
  { areas: ['meanwhile'] },
);
