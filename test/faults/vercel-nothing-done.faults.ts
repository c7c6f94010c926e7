/**
 * What goes wrong on the way to Vercel before anything was done. Whether the connection breaks, Vercel refuses, or
 * nobody answers, the same is left behind, so that each call has two of the four.
 */
import { runContract, type FaultKind } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeVercelSubject } from '../contract/vercel-subject.ts';
import { everySecond } from './every-second.ts';

const FIRST: readonly (readonly [kind: FaultKind, first: 0 | 1])[] = [
  ['reset', 0],
  ['429', 1],
  ['500', 1],
  ['hang', 0],
];

for (const [kind, first] of FIRST) {
  runContract(
    `vercel, faults, ${kind}`,
    everySecond(() => makeVercelSubject(), first),
    { describe, it, beforeAll, afterAll },
    { areas: ['faults'], faults: [kind] },
  );
}
