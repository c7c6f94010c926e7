/** Where things of one function are, as far as it follows from its name. Pure. */
import type { FunctionRef } from 'polyfaas/spi';
import { functionId, SECRET_PREFIX, serviceAccountId } from './names.ts';
import type { PlatformSettings } from './options.ts';

/** Everything about a function that can be said before anything is there. */
export interface Place {
  readonly ref: FunctionRef;
  readonly projectId: string;
  readonly location: string;
  readonly physicalName: string;
  /** `projects/p/locations/l/functions/NAME` */
  readonly functionName: string;
  /** `projects/p/locations/l/services/NAME` */
  readonly serviceName: string;
  /** `projects/p/secrets/NAME` */
  readonly settingsSecret: string;
  /** `projects/p/topics/NAME` */
  readonly asyncTopic: string;
  /** The id of the service account that is made when none is given. */
  readonly accountId: string;
  /** Its e-mail address. */
  readonly ownServiceAccount: string;
}

export function placeOf(
  ref: FunctionRef,
  { projectId, location }: { readonly projectId: string; readonly location: string },
  { functionIds }: Pick<PlatformSettings, 'functionIds'>,
): Place {
  const physicalName = physicalNameOf(ref, functionIds);
  const parent = `projects/${projectId}/locations/${location}`;
  const accountId = serviceAccountId(ref);
  return {
    ref,
    projectId,
    location,
    physicalName,
    functionName: `${parent}/functions/${physicalName}`,
    serviceName: `${parent}/services/${physicalName}`,
    settingsSecret: `projects/${projectId}/secrets/${SECRET_PREFIX}${physicalName}`,
    asyncTopic: `projects/${projectId}/topics/${asyncTopicId(physicalName)}`,
    accountId,
    ownServiceAccount: `${accountId}@${accountDomain(projectId)}`,
  };
}

/** The topic of asynchronous invocations, by its plain name. */
export function asyncTopicId(physicalName: string): string {
  return `polyfaas-${physicalName}-async`;
}

export function physicalNameOf(
  ref: FunctionRef,
  functionIds: Readonly<Record<string, string>>,
): string {
  const chosen = Object.hasOwn(functionIds, ref.name) ? functionIds[ref.name] : undefined;
  return chosen ?? functionId(ref);
}

/** Projects of a domain, `example.com:project`, come the other way round in addresses. */
function accountDomain(projectId: string): string {
  const [domain, name] = projectId.split(':');
  const project = name === undefined ? domain : `${name}.${domain}`;
  return `${project}.iam.gserviceaccount.com`;
}
