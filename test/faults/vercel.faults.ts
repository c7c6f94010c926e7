/** What goes wrong on the way to Vercel after something was done, at every call in turn. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeVercelSubject } from '../contract/vercel-subject.ts';

runContract(
  'vercel, faults',
  () => makeVercelSubject(),
  { describe, it, beforeAll, afterAll },
  { areas: ['faults'], faults: ['crash', 'lost-reply'] },
);
