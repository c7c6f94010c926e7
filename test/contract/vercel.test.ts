/** The contract on Vercel, with Vercel Queues. The faults, which take as long as all the rest, have a file of their own. */
import { CONTRACT_AREAS, runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeVercelSubject } from './vercel-subject.ts';

runContract(
  'vercel',
  () => makeVercelSubject(),
  { describe, it, beforeAll, afterAll },
  { areas: CONTRACT_AREAS.filter((area) => area !== 'faults') },
);
