/** Reads a project as its function needs it. */
import { listAt, objectAt, textAt, type JsonValue } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { ifThere } from '../errors.ts';
import { closedIn } from './closed.ts';
import type { VercelObserved } from '../model.ts';

type ObservedProject = NonNullable<VercelObserved['project']>;

/** Undefined when there is none of that name. */
export async function readProject(
  vercel: VercelClients,
  name: string,
  signal: AbortSignal,
): Promise<ObservedProject | undefined> {
  const path = `/v9/projects/${encodeURIComponent(name)}`;
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
export function projectOf(found: JsonValue): ObservedProject {
  const production = objectAt(found, 'targets', 'production');
  const request = objectAt(found, 'lastAliasRequest');
  const to = textAt(request, 'toDeploymentId');
  return {
    id: textAt(found, 'id') ?? '',
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
