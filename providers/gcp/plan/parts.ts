/** Pieces that all planners use. */
import {
  type Binding,
  type FromRef,
  type FunctionRef,
  plansOf,
  planStep,
  type ProviderIdentity,
  type Step,
} from 'polyfaas/spi';
import { PUSH_SECONDS, SCHEDULE_SECONDS } from '../limits.ts';
import type { GcpObserved, Target } from '../model.ts';
import { isElsewhere } from '../observe.ts';
import type { PlatformSettings } from '../options.ts';
import { placeOf, type Place } from '../place.ts';

const plans = plansOf('gcp');

export const { plan, refusal } = plans;

/** A step's id, whose output tells where the service answers. */
export const BUILD = 'build';

export function placeIn(
  platform: Pick<PlatformSettings, 'functionIds'>,
  { ref, identity }: { readonly ref: FunctionRef; readonly identity: ProviderIdentity },
): Place {
  return placeOf(ref, { projectId: identity.account, location: identity.region }, platform);
}

/** Where things of a function are. */
export function targetOf(
  platform: Pick<PlatformSettings, 'functionIds'>,
  { ref, identity }: { readonly ref: FunctionRef; readonly identity: ProviderIdentity },
  options: {
    /** Null: the one that is made. */
    readonly serviceAccount: string | null;
    readonly url: string | FromRef;
    readonly observed: Pick<GcpObserved, 'secret'>;
  },
): Target {
  const place = placeIn(platform, { ref, identity });
  const projectNumber = identity.details?.['projectNumber'];
  const serviceAccount = options.serviceAccount ?? place.ownServiceAccount;
  return {
    ref,
    projectId: place.projectId,
    projectNumber:
      typeof projectNumber === 'string'
        ? projectNumber
        : (options.observed.secret?.projectNumber ?? ''),
    location: place.location,
    physicalName: place.physicalName,
    functionName: place.functionName,
    serviceName: place.serviceName,
    settingsSecret: place.settingsSecret,
    asyncTopic: place.asyncTopic,
    serviceAccount,
    ownsServiceAccount: serviceAccount === place.ownServiceAccount,
    url: options.url,
  };
}

/** Everything of a function waits for its turn; writes of functions take turns in their whole region. */
export function step(
  target: Pick<Target, 'physicalName'>,
  parts: Pick<Step, 'id' | 'phase' | 'kind' | 'title'> & {
    readonly input: object;
    readonly locks?: readonly string[];
    readonly deadlineSeconds?: number;
    readonly attemptSeconds?: number;
  },
): Step {
  return planStep({
    ...parts,
    locks: [`function:${target.physicalName}`, ...(parts.locks ?? [])],
    deadlineSeconds: parts.deadlineSeconds ?? 300,
  });
}

/**
 * Refuses what belongs to somebody else, and what can be taken over by nobody.
 *
 * @throws ServerlessError ALREADY_EXISTS
 */
export function refuseStranger(ref: FunctionRef, observed: GcpObserved, adopt = false): void {
  plans.refuseStranger(ref, observed, adopt);
  if (observed.function?.environment !== 'GEN_1') return;
  throw refusal(
    ref,
    'ALREADY_EXISTS',
    `"${observed.physicalName}" is a function of the first generation, which cannot be turned into one of the second. Delete it first, or give "${ref.name}" another id in providerOptions.gcp.functionIds.`,
  );
}

/**
 * The settings secret of a function is the whole project's, and so are its service account and its topics: it is in one
 * region at a time.
 *
 * @throws ServerlessError INVALID_ARGUMENT
 */
export function refuseOtherRegion(
  ref: FunctionRef,
  observed: GcpObserved,
  { region }: ProviderIdentity,
): void {
  if (!isElsewhere(observed, region)) return;
  throw refusal(
    ref,
    'INVALID_ARGUMENT',
    `region: "${ref.name}" is deployed in ${observed.secret?.location ?? 'another region'}, and cannot be moved to ${region}. Remove it there first, or deploy the new one in another stage.`,
  );
}

/**
 * What is deployed under another name would stay as it is, with all that calls it, and lose the service account that both
 * have by the function's own name.
 *
 * @throws ServerlessError INVALID_ARGUMENT
 */
export function refuseRenamed(
  ref: FunctionRef,
  { deployedAs, physicalName }: Pick<GcpObserved, 'deployedAs' | 'physicalName'>,
): void {
  if (deployedAs === null) return;
  throw refusal(
    ref,
    'INVALID_ARGUMENT',
    `providerOptions.gcp.functionIds.${ref.name}: "${ref.name}" is deployed as "${deployedAs}", and a function cannot be renamed to "${physicalName}". Either set the id to "${deployedAs}" and keep it, or set it so, remove the function, and then deploy it with the new one.`,
  );
}

/** @throws ServerlessError INVALID_ARGUMENT for a version that may take longer than what calls it waits. */
export function refuseSlow(
  ref: FunctionRef,
  timeoutSeconds: number,
  bindings: readonly Binding[],
): void {
  const slow = bindings.find(({ event }) => timeoutSeconds > patienceOf(event.type));
  if (!slow) return;
  const max = patienceOf(slow.event.type);
  throw refusal(
    ref,
    'INVALID_ARGUMENT',
    `functions.${ref.name}.timeoutSeconds: ${timeoutSeconds} is more than the ${max} s that ${slow.event.type} events allow (event "${slow.id}"). Lower it to 1 to ${max}, or give the event a function of its own.`,
  );
}

function patienceOf(type: Binding['event']['type']): number {
  if (type === 'http') return Number.POSITIVE_INFINITY;
  return type === 'schedule' ? SCHEDULE_SECONDS : PUSH_SECONDS;
}
