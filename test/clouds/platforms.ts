/** The platforms: the adapters with their vendors' own clients, each against the fake of its cloud. */
import type { ContractSubject } from 'polyfaas/contract';
import { makeAwsSubject } from '../contract/aws-subject.ts';
import { makeAzureSubject } from '../contract/azure-subject.ts';
import { makeGcpSubject } from '../contract/gcp-subject.ts';
import { makeLocalSubject } from '../contract/local-subject.ts';
import { makeVercelSubject } from '../contract/vercel-subject.ts';

export const PLATFORMS: Readonly<Record<string, () => Promise<ContractSubject>>> = {
  local: () => makeLocalSubject({ isolation: 'thread' }),
  aws: () => makeAwsSubject(),
  azure: () => makeAzureSubject(),
  gcp: () => makeGcpSubject(),
  vercel: () => makeVercelSubject(),
};
