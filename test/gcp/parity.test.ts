import { describe } from 'vitest';
import { makeGcpSubject } from '../contract/gcp-subject.ts';
import { describeParity } from '../support/parity/index.ts';

describe('Google Cloud and this machine', () => {
  describeParity({ makeSubject: () => makeGcpSubject(), stepMs: 5_000 });
});
