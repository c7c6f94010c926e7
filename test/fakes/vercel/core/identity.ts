/** Who asks: access tokens, the team, and the user that both belong to. */
import { VercelFault } from './fault.ts';
import type { CallerKind } from './ports.ts';

export interface Account {
  /** `team_...` */
  readonly teamId: string;
  readonly teamSlug: string;
  readonly userId: string;
  readonly tokens: Readonly<Record<CallerKind, string>>;
}

/** Undefined for a token that is none, or no longer one. */
export function callerOf(
  { tokens }: Account,
  authorization: string | undefined,
): CallerKind | undefined {
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  if (token === tokens.deployer) return 'deployer';
  return token === tokens.observer ? 'observer' : undefined;
}

export function notAuthenticated(authorization: string | undefined): VercelFault {
  return authorization === undefined
    ? new VercelFault(403, 'forbidden', 'The request is missing an authentication token', {
        fields: { missingToken: true },
      })
    : new VercelFault(403, 'forbidden', 'Not authorized', { fields: { invalidToken: true } });
}

/**
 * The scope of a call: the team by `teamId` or `slug`. Without either it is the token's own, which is the team's.
 *
 * @throws VercelFault 403 for anything else
 */
export function requireScope({ teamId, teamSlug }: Account, query: URLSearchParams): void {
  refuseOther(query.get('teamId'), teamId);
  refuseOther(query.get('slug'), teamSlug);
}

function refuseOther(asked: string | null, own: string): void {
  if (asked === null || asked === own) return;
  throw new VercelFault(
    403,
    'forbidden',
    `Not authorized: Trying to access resource under scope "${asked}". You must re-authenticate to this scope or use a token with access to this scope.`,
    { fields: { scope: asked } },
  );
}
