/** The user that the tokens belong to, and the team. */
import { checkQuery } from '../core/body.ts';
import { VercelFault } from '../core/fault.ts';
import type { Account } from '../core/identity.ts';
import type { ApiService, RestCall, WireReply } from '../core/ports.ts';
import { routes } from '../core/routes.ts';

const MADE_AT = Date.UTC(2024, 0, 1);

export function createAccounts(account: Account): ApiService {
  const { teamId, teamSlug, userId } = account;
  const team = {
    id: teamId,
    slug: teamSlug,
    name: 'polyfaas',
    avatar: null,
    createdAt: MADE_AT,
    creatorId: userId,
    limited: true,
    limitedBy: [],
    membership: {
      confirmed: true,
      confirmedAt: MADE_AT,
      createdAt: MADE_AT,
      role: 'OWNER',
      teamId,
      uid: userId,
    },
  };
  // Tokens of a team see no more of the user.
  const user = {
    id: userId,
    username: 'polyfaas',
    name: 'polyfaas',
    email: 'polyfaas@example.com',
    avatar: null,
    defaultTeamId: teamId,
    limited: true,
  };

  function showUser({ query }: RestCall): WireReply {
    checkQuery(query);
    return { status: 200, body: { user } };
  }

  function showTeam({ query }: RestCall, idOrSlug: string): WireReply {
    checkQuery(query);
    if (idOrSlug === teamId || idOrSlug === teamSlug) return { status: 200, body: team };
    throw new VercelFault(403, 'forbidden', 'You don’t have permission to access this team.');
  }

  function listTeams({ query }: RestCall): WireReply {
    checkQuery(query, ['limit', 'since', 'until']);
    const pagination = { count: 1, next: null, prev: null };
    return { status: 200, body: { teams: [team], pagination } };
  }

  return {
    handle: routes({
      'GET /v2/user': showUser,
      'GET /v2/teams': listTeams,
      'GET /v2/teams/{team}': showTeam,
    }),
    inventory: () => [],
  };
}
