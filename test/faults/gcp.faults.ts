/** What goes wrong on the way to Google Cloud after something was done, at every call in turn. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeGcpSubject } from '../contract/gcp-subject.ts';

runContract(
  'gcp, faults',
  makeGcpSubject,
  { describe, it, beforeAll, afterAll },
  { areas: ['faults'], faults: ['crash', 'lost-reply'] },
);
