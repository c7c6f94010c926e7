/** Which account is worked in: the id that metrics and names of teams are told by. */
import { listAt, numberAt, ServerlessError, textAt } from 'polyfaas/spi';
import type { VercelClients } from './index.ts';
import { isTeamId } from './team.ts';

/** The most that Vercel gives at once. */
const PAGE = 100;

/** The id of the team, or of the user. Asks only when the options do not tell it. */
export async function findAccount(
  rest: VercelClients['rest'],
  team: string | null,
  signal: AbortSignal,
): Promise<string> {
  if (team === null) {
    const reply = await rest({ method: 'GET', path: '/v2/user', signal });
    const id = textAt(reply, 'user', 'id') ?? textAt(reply, 'user', 'uid');
    if (id !== undefined) return id;
    throw new ServerlessError({
      code: 'NOT_FOUND',
      provider: 'vercel',
      message:
        'Vercel does not tell whose the token is. Name the team that it is for: providerOptions.vercel.team, or the variable VERCEL_TEAM_ID.',
    });
  }
  if (isTeamId(team)) return team;
  let until: number | undefined;
  do {
    const query = { limit: PAGE, ...(until === undefined ? {} : { until }) };
    const page = await rest({ method: 'GET', path: '/v2/teams', query, signal });
    const found = listAt(page, 'teams').find((one) => textAt(one, 'slug') === team);
    const id = textAt(found, 'id');
    if (id !== undefined) return id;
    until = numberAt(page, 'pagination', 'next');
  } while (until !== undefined);
  throw new ServerlessError({
    code: 'NOT_FOUND',
    provider: 'vercel',
    message: `providerOptions.vercel.team: the token sees no team "${team}". Check the slug (it is in the address of the dashboard, vercel.com/SLUG), or give the team's id, "team_...".`,
  });
}
