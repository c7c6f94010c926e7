/** What another process does on Vercel meanwhile, before every call in turn. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeVercelSubject } from '../contract/vercel-subject.ts';

runContract(
  'vercel, meanwhile',
  () => makeVercelSubject(),
  { describe, it, beforeAll, afterAll },
  { areas: ['meanwhile'] },
);
