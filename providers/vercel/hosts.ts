/** Addresses of a project. */

/**
 * The host that the function is told to be at, of those that lead to the project's production deployment: `NAME.vercel.app`
 * where Vercel gave it, else the shortest of Vercel's own (others name the team, the user or the branch), else the first.
 * Undefined when there is none.
 */
export function originHost(aliases: readonly string[], projectName: string): string | undefined {
  const own = aliases.filter((alias) => alias.endsWith('.vercel.app'));
  const [shortest] = own.toSorted((a, b) => a.length - b.length);
  return own.find((alias) => alias === `${projectName}.vercel.app`) ?? shortest ?? aliases[0];
}
