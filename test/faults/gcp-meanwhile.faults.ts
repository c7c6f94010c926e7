/** What another process does on Google Cloud meanwhile, before every call in turn. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeGcpSubject } from '../contract/gcp-subject.ts';

runContract(
  'gcp, meanwhile',
  makeGcpSubject,
  { describe, it, beforeAll, afterAll },
  { areas: ['meanwhile'] },
);
