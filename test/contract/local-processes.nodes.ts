/**
 * The contract on the local provider with an instance per process: the areas where it shows how instances run. Plans,
 * ownership, the other sources and what happens on disk do not know; they are left to the run with threads.
 */
import { runContract, type ContractArea } from 'polyfaas/contract';
import { afterAll, describe, it } from 'vitest';
import { makeLocalSubject } from './local-subject.ts';

const AREAS: readonly ContractArea[] = [
  'deploy',
  'rollback',
  'secrets',
  'invoke',
  'signature',
  'http',
  'queue',
  'stream',
  'warm',
  'metrics',
  'logs',
];

runContract(
  'local (processes)',
  () => makeLocalSubject({ isolation: 'process' }),
  { describe, it, afterAll },
  { areas: AREAS },
);
