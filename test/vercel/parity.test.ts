import { describe } from 'vitest';
import { makeVercelSubject } from '../contract/vercel-subject.ts';
import { describeParity } from '../support/parity/index.ts';

describe('Vercel and this machine', () => {
  describeParity({
    makeSubject: () => makeVercelSubject(),
    stepMs: 5_000,
    lacks: ['object', 'bus'],
    // Of answers that do not say how they may be kept.
    ownHeaders: { 'cache-control': 'public, max-age=0, must-revalidate' },
  });
});
