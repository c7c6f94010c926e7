/** Pieces that all planners use. */
import {
  type FunctionRef,
  plansOf,
  planStep,
  type ProviderIdentity,
  type Step,
} from 'polyfaas/spi';
import type { AzureObserved, Target } from '../model.ts';
import { nameOfId, placeOf } from '../names.ts';
import type { FunctionSettings, PlatformSettings } from '../options.ts';
import { stoppedError } from '../stopped.ts';

export const { plan, refusal, refuseStranger } = plansOf('azure');

/**
 * A package is published only when it answers, and in an app that is stopped nothing does.
 *
 * @throws ServerlessError UNAVAILABLE
 */
export function refuseStopped(ref: FunctionRef, { site, siteId }: AzureObserved): void {
  if (site?.isStopped === true) throw stoppedError(ref, siteId);
}

/**
 * Where things of a function are.
 *
 * @param settings of a deploy; other operations take what is there.
 * @param makesIdentity a step of the plan tells the identity's ids.
 */
export function targetOf(
  platform: Pick<PlatformSettings, 'resourceGroup' | 'siteNames'>,
  { ref, identity }: { readonly ref: FunctionRef; readonly identity: ProviderIdentity },
  observed: AzureObserved,
  options: {
    readonly settings?: Pick<FunctionSettings, 'identity' | 'storageAccount'>;
    readonly makesIdentity?: boolean;
  } = {},
): Target {
  const place = placeOf(ref, identity.account, platform);
  const { settings, makesIdentity = false } = options;
  const given = settings ? settings.storageAccount : observed.givenStorage;
  const known = makesIdentity ? null : observed.identity;
  return {
    ref,
    physicalName: place.physicalName,
    subscriptionId: place.subscriptionId,
    resourceGroup: place.resourceGroup,
    location: identity.region,
    siteId: place.siteId,
    storageAccount: given ?? nameOfId(place.ownStorageId),
    identityId: settings?.identity ?? known?.id ?? place.ownIdentityId,
    principalId: makesIdentity ? { $from: 'identity.principalId' } : (known?.principalId ?? ''),
    clientId: makesIdentity ? { $from: 'identity.clientId' } : (known?.clientId ?? ''),
  };
}

export function step(
  target: Target,
  parts: Pick<Step, 'id' | 'phase' | 'title'> & {
    readonly kind?: string;
    readonly input?: object;
    readonly locks?: readonly string[];
    readonly deadlineSeconds?: number;
    readonly attemptSeconds?: number;
  },
): Step {
  return planStep({
    ...parts,
    input: { target, ...parts.input },
    locks: [`function:${target.physicalName}`, ...(parts.locks ?? [])],
    deadlineSeconds: parts.deadlineSeconds ?? 300,
  });
}

/** With an endpoint on this machine, function apps answer there too. */
export function schemeOf({ clients }: PlatformSettings): 'https:' | 'http:' {
  return clients.endpoint?.startsWith('http:') ? 'http:' : 'https:';
}
