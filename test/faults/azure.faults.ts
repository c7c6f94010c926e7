/** What goes wrong on the way to Azure, at every call in turn. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeAzureSubject } from '../contract/azure-subject.ts';

runContract(
  'azure, faults',
  makeAzureSubject,
  { describe, it, beforeAll, afterAll },
  { areas: ['faults'] },
);
