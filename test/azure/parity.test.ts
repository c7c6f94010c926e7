import { describe } from 'vitest';
import { makeAzureSubject } from '../contract/azure-subject.ts';
import { describeParity } from '../support/parity/index.ts';

describe('Azure and this machine', () => {
  describeParity({
    makeSubject: () => makeAzureSubject(),
    // Log Analytics takes minutes to show a line.
    stepMs: 5_000,
    memoryMb: 512,
    // The Functions host writes them.
    hasOwnCookies: true,
  });
});
