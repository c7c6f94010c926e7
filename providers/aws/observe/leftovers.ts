/** What a deploy or a removal that was broken off, or a hand that deleted the function alone, left of ours. */
import type { CallContext, FunctionRef } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { findRemains, type Remains } from '../events/remains/find.ts';
import { searched } from '../events/remains/search.ts';
import { readOwn } from '../execute/role.ts';
import type { AwsObserved } from '../model.ts';
import { functionArn, isOwnedBy, logGroupName, roleName } from '../names.ts';
import { ifReadable } from '../replies.ts';
import { readLog } from './actual.ts';

interface LeftoverReading {
  readonly ref: FunctionRef;
  readonly physicalName: string;
  readonly call: CallContext;
}

/** For a deploy: whether there was such a function before. Who may not look, or has no package for it, finds nothing. */
export async function findTrace(
  aws: AwsClients,
  reading: LeftoverReading,
): Promise<AwsObserved['leftovers']> {
  const unsearched = new Set<string>();
  const hasLogs = await searched({ unsearched }, 'log groups', false, () => findLogs(aws, reading));
  return hasLogs ? ['logs'] : [];
}

type Leftovers = Pick<AwsObserved, 'leftovers'> & Required<Pick<AwsObserved, 'remains'>>;

export async function findLeftovers(aws: AwsClients, reading: LeftoverReading): Promise<Leftovers> {
  const [hasRole, hasLogs] = await Promise.all([findRole(aws, reading), findLogs(aws, reading)]);
  const leftovers: AwsObserved['leftovers'] = [
    ...(hasRole ? (['role'] as const) : []),
    ...(hasLogs ? (['logs'] as const) : []),
  ];
  const remains = await search(aws, reading, leftovers.length > 0);
  tell(reading, { latest: null, leftovers, remains });
  return { leftovers, remains };
}

/** What there is of a function besides what its record tells. */
export async function findUnrecorded(
  aws: AwsClients,
  observed: AwsObserved,
  reading: LeftoverReading,
): Promise<AwsObserved> {
  const found = { ...observed, remains: await search(aws, reading, true) };
  tell(reading, found);
  return found;
}

async function search(
  aws: AwsClients,
  { ref, physicalName, call }: LeftoverReading,
  hasTrace: boolean,
): Promise<Remains> {
  const { region } = aws;
  const account = await aws.account();
  const target = { ref, physicalName, functionArn: functionArn({ account, region }, physicalName) };
  return findRemains({ aws, target, call, unsearched: new Set<string>() }, hasTrace);
}

type Found = Pick<AwsObserved, 'latest' | 'leftovers' | 'remains'>;

function tell({ ref, call }: LeftoverReading, found: Found): void {
  const text = unsearchedText(ref.name, found);
  if (text !== undefined) call.log.log('warn', text, { function: ref.name });
}

/**
 * What a removal leaves that could not look at every source: sources are looked for only where there is a trace of the
 * function, so without it another removal would not find them either.
 */
export function keptTrace({ latest, leftovers, remains }: Found): 'role' | 'logs' | undefined {
  if (remains?.mayHaveMade !== true) return undefined;
  // A log allows nothing to anybody.
  if (latest !== null || leftovers.includes('logs')) return 'logs';
  return leftovers.includes('role') ? 'role' : undefined;
}

const KEPT = { logs: 'log group', role: 'role' } as const;

/** For people: what may still be there. Undefined when everything was looked at. */
export function unsearchedText(name: string, found: Found): string | undefined {
  const { unsearched = [] } = found.remains ?? {};
  if (unsearched.length === 0) return undefined;
  const kept = keptTrace(found);
  const places = unsearchedPlaces(unsearched);
  return kept === undefined
    ? `"${name}" is gone, and what it may have left was not searched for everywhere: ${places}, then remove it once more.`
    : `"${name}" is removed only in part, for what it may have left was not searched for everywhere: ${places}, then remove it once more. Its ${KEPT[kept]} is kept as the trace that makes the next removal search again; delete that by hand when nothing of "${name}" is left there.`;
}

/** Which places were left out, and what to do for them. */
export function unsearchedPlaces(unsearched: readonly string[]): string {
  return `the credentials in use may not look at ${unsearched.join(', ')}, or the SDK's packages for them are not installed. Allow the actions of the deployer's policy in the guide`;
}

async function findRole(
  aws: AwsClients,
  { ref, physicalName, call }: LeftoverReading,
): Promise<boolean> {
  const name = roleName({ physicalName }, aws.region, 'run');
  return (await ifReadable(readOwn(await aws.iam(), { ref }, name, call))) !== undefined;
}

async function findLogs(
  aws: AwsClients,
  { ref, physicalName, call }: LeftoverReading,
): Promise<boolean> {
  const http = { abortSignal: call.signal };
  const found = await readLog(await aws.logs(), logGroupName(physicalName), http);
  return found !== undefined && isOwnedBy(ref, found.tags);
}
