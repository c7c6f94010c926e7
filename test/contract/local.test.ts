/** The whole contract on the local provider, with an instance per thread. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeLocalSubject } from './local-subject.ts';

runContract('local (threads)', () => makeLocalSubject({ isolation: 'thread' }), {
  describe,
  it,
  beforeAll,
  afterAll,
});
