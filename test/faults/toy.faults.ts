/** What goes wrong in the toy, at every step in turn: that the suite of faults can be held by so little. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeToySubject } from '../toy/toy-subject.ts';

runContract(
  'toy, faults',
  () => makeToySubject(),
  { describe, it, beforeAll, afterAll },
  { areas: ['faults'] },
);
