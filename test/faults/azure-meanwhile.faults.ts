/** What another process does on Azure meanwhile, before every call in turn. */
import { runContract, type ContractSubject } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeAzureSubject } from '../contract/azure-subject.ts';

/**
 * Roles of an identity that a removal took from under a deploy stay: neither is deleted on a condition, and nobody can tell
 * later whose they were.
 */
async function withoutLostRoles(): Promise<ContractSubject> {
  const subject = await makeAzureSubject();
  const isLost = (line: string): boolean => /^role assignment .* for the missing /.test(line);
  return {
    ...subject,
    inventory: async () => (await subject.inventory()).filter((line) => !isLost(line)),
  };
}

runContract(
  'azure, meanwhile',
  withoutLostRoles,
  { describe, it, beforeAll, afterAll },
  { areas: ['meanwhile'] },
);
