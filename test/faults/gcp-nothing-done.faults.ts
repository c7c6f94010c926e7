/**
 * What goes wrong on the way to Google Cloud before anything was done. Whether the connection breaks, Google refuses, or
 * nobody answers, the same is left behind, so that each call has two of the four.
 */
import { runContract, type FaultKind } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeGcpSubject } from '../contract/gcp-subject.ts';
import { everySecond } from './every-second.ts';

const FIRST: readonly (readonly [kind: FaultKind, first: 0 | 1])[] = [
  ['reset', 0],
  ['429', 1],
  ['500', 1],
  ['hang', 0],
];

for (const [kind, first] of FIRST) {
  runContract(
    `gcp, faults, ${kind}`,
    everySecond(makeGcpSubject, first),
    { describe, it, beforeAll, afterAll },
    { areas: ['faults'], faults: [kind] },
  );
}
