/** All that Node.js goes by: `nodejs22.x`, `Node-22`, `Node.js`, `v22.4.0`, `22.x`, `22`. */
const LIKE_NODE =
  /^(?:node(?:[.-]?js)?(?:[ _-]?v?\d+(?:\.(?:x|\d+))*)?|v\d+(?:\.(?:x|\d+))*|\d+(?:\.x)?)$/i;

/** Versions that every provider has. */
const EVERYWHERE: ReadonlySet<string> = new Set(['22', '24']);

/**
 * Node.js has one name on every provider. By its platform's own name it would be a runtime in another language, which most
 * providers have not.
 */
export function runtimeNameProblem(runtime: string): string | undefined {
  const name = runtime.trim();
  if (!LIKE_NODE.test(name) || /^node\d*$/.test(runtime)) return undefined;
  const version = /\d+/.exec(name)?.[0] ?? '';
  const instead = EVERYWHERE.has(version)
    ? `Write "node${version}"`
    : 'Write "node" (the newest LTS of the provider), "node22" or "node24"';
  return `is Node.js by another name. ${instead}, which every provider knows.`;
}
