/** What a deploy or a removal that was broken off, or a hand that deleted the function alone, left of ours. */
import type { CallContext, FunctionRef } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { findRemains } from '../events/remains/find.ts';
import type { AwsObserved } from '../model.ts';
import { functionArn, isOwnedBy, logGroupName, roleName } from '../names.ts';
import { ifReadable, ifThere } from '../replies.ts';

interface LeftoverReading {
  readonly ref: FunctionRef;
  readonly physicalName: string;
  readonly call: CallContext;
}

export async function findLeftovers(
  aws: AwsClients,
  { ref, physicalName, call }: LeftoverReading,
): Promise<Pick<AwsObserved, 'leftovers'> & Required<Pick<AwsObserved, 'remains'>>> {
  const [hasRole, hasLogs, account] = await Promise.all([
    findRole(aws, { ref, physicalName, call }),
    findLogs(aws, { ref, physicalName, call }),
    aws.account(),
  ]);
  const { region } = aws;
  const target = { ref, physicalName, functionArn: functionArn({ account, region }, physicalName) };
  const search = { aws, target, call, unsearched: new Set<string>() };
  const remains = await findRemains(search, hasRole || hasLogs);
  if (remains.unsearched.length > 0) {
    call.log.log('warn', unsearchedText(ref.name, remains.unsearched), { function: ref.name });
  }
  return {
    leftovers: [...(hasRole ? (['role'] as const) : []), ...(hasLogs ? (['logs'] as const) : [])],
    remains,
  };
}

/** For people: what may still be there. */
export function unsearchedText(name: string, unsearched: readonly string[]): string {
  return `"${name}" is gone, and what it may have left was not searched for everywhere: the credentials in use may not look at ${unsearched.join(', ')}, or their packages are not installed. Allow the actions of the deployer's policy in the guide, then remove it once more.`;
}

async function findRole(
  aws: AwsClients,
  { ref, physicalName, call }: LeftoverReading,
): Promise<boolean> {
  const iam = await aws.iam();
  const name = { RoleName: roleName(physicalName, aws.region, 'run') };
  const role = await ifReadable(iam.getRole(name, { abortSignal: call.signal }));
  const tags = (role?.Role?.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''] as const);
  return role !== undefined && isOwnedBy(ref, Object.fromEntries(tags));
}

async function findLogs(
  aws: AwsClients,
  { ref, physicalName, call }: LeftoverReading,
): Promise<boolean> {
  const logs = await aws.logs();
  const http = { abortSignal: call.signal };
  const group = logGroupName(physicalName);
  const { logGroups } = await logs.describeLogGroups({ logGroupNamePrefix: group }, http);
  const arn = logGroups?.find(({ logGroupName: name }) => name === group)?.logGroupArn;
  if (arn === undefined) return false;
  const told = await ifThere(logs.listTagsForResource({ resourceArn: arn }, http));
  return told !== undefined && isOwnedBy(ref, told.tags ?? {});
}
