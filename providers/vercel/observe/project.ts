/** Reads a project as its function needs it. */
import { listAt, objectAt, textAt, type JsonValue } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { ifThere } from '../errors.ts';
import { closedIn } from './closed.ts';
import type { Asking, VercelObserved } from '../model.ts';

type ObservedProject = NonNullable<VercelObserved['project']>;

/** A project, as it is observed. */
export interface Project extends ObservedProject {
  readonly name: string;
}

/** @param idOrName of the project. Undefined when there is none. */
export async function readProject(
  vercel: VercelClients,
  idOrName: string,
  { signal }: Asking,
): Promise<Project | undefined> {
  const path = `/v9/projects/${encodeURIComponent(idOrName)}`;
  const query = { rollbackInfo: true };
  const found = await ifThere(vercel.rest({ method: 'GET', path, query, signal }));
  return found === undefined ? undefined : projectOf(found);
}

/** The deployment that a promotion or a rollback is about to put into production: Vercel does one at a time. */
export function promotedNow({
  lastAliasRequest: request,
}: Pick<ObservedProject, 'lastAliasRequest'>): string | null {
  const isRunning = request?.status === 'pending' || request?.status === 'in-progress';
  return isRunning ? request.to : null;
}

/** Of the answer's fields, the few that count: values of variables and secrets are not among them. */
export function projectOf(found: JsonValue): Project {
  const production = objectAt(found, 'targets', 'production');
  const request = objectAt(found, 'lastAliasRequest');
  const to = textAt(request, 'toDeploymentId');
  const accountId = textAt(found, 'accountId');
  return {
    id: textAt(found, 'id') ?? '',
    name: textAt(found, 'name') ?? '',
    ...(accountId === undefined ? {} : { accountId }),
    production: textAt(production, 'id') ?? null,
    aliases: listAt(production, 'alias').filter((one) => typeof one === 'string'),
    lastAliasRequest:
      to === undefined
        ? null
        : { to, type: textAt(request, 'type') ?? '', status: textAt(request, 'jobStatus') ?? '' },
    ...closedIn(found),
    hasBypass: Object.values(objectAt(found, 'protectionBypass')).some(
      (one) => textAt(one, 'scope') === 'automation-bypass',
    ),
  };
}
