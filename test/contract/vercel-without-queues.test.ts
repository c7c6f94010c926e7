/** Vercel as it is without the beta: what needs Vercel Queues is refused, and the rest works. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeVercelSubject } from './vercel-subject.ts';

runContract(
  'vercel, without queues',
  () => makeVercelSubject({}),
  { describe, it, beforeAll, afterAll },
  { areas: ['queue', 'topic', 'async', 'schedule'] },
);
