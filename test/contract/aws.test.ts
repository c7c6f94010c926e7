/** The whole contract on AWS. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeAwsSubject } from './aws-subject.ts';

runContract('aws', makeAwsSubject, { describe, it, beforeAll, afterAll });
