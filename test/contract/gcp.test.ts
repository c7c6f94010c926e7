/** The contract on Google Cloud. The faults, which take as long as all the rest, have a file of their own. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { QUICK_AREAS } from '../support/areas.ts';
import { makeGcpSubject } from './gcp-subject.ts';

runContract('gcp', makeGcpSubject, { describe, it, beforeAll, afterAll }, { areas: QUICK_AREAS });
