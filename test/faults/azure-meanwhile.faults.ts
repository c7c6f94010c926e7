/** What another process does on Azure meanwhile, before every call in turn. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeAzureSubject } from '../contract/azure-subject.ts';

runContract(
  'azure, meanwhile',
  makeAzureSubject,
  { describe, it, beforeAll, afterAll },
  { areas: ['meanwhile'] },
);
