/** What goes wrong on the way to the disk, at every durable point in turn. */
import { runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeLocalSubject } from '../contract/local-subject.ts';

runContract(
  'local (threads), faults',
  () => makeLocalSubject({ isolation: 'thread' }),
  { describe, it, beforeAll, afterAll },
  { areas: ['faults', 'meanwhile'] },
);
