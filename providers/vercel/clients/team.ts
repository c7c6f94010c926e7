/** In whose name a request is: query parameters that every path of Vercel's API takes ("Vercel REST API", teams). */

/** `teamId=team_1` of a team's id, `slug=acme` of its slug; nothing for a personal account. */
function teamQuery(team: string | null): Readonly<Record<string, string>> {
  if (team === null) return {};
  return isTeamId(team) ? { teamId: team } : { slug: team };
}

export function isTeamId(team: string): boolean {
  return team.startsWith('team_');
}

/**
 * A path of the API in the name of this team, and of no other: the vendor's client adds the team of the environment
 * (VERCEL_TEAM_ID) to whatever it is told.
 */
export function inTeam(path: string, team: string | null): string {
  const at = path.indexOf('?');
  const query = new URLSearchParams(at < 0 ? '' : path.slice(at + 1));
  query.delete('teamId');
  query.delete('slug');
  for (const [name, value] of Object.entries(teamQuery(team))) query.set(name, value);
  const text = query.toString();
  const plain = at < 0 ? path : path.slice(0, at);
  return text === '' ? plain : `${plain}?${text}`;
}
