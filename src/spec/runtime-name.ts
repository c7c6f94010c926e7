/** What looks like Node.js: `nodejs22.x`, `Node-22`, `v22`, `22`. No other language's runtime begins like that. */
const LIKE_NODE = /^(?:node|v?\d)/i;

/** Before it, there is nothing that any provider would run. */
const OLDEST_NODE = 20;

/**
 * Node.js has one name on every provider. By its platform's own name it would be a runtime in another language, which most
 * providers have not.
 */
export function runtimeNameProblem(runtime: string): string | undefined {
  const name = runtime.trim();
  if (!LIKE_NODE.test(name) || /^node\d*$/.test(runtime)) return undefined;
  const version = Number(/\d+/.exec(name)?.[0]);
  const instead =
    version >= OLDEST_NODE
      ? `Write "node${version}"`
      : 'Write "node" (the newest LTS of the provider), "node22" or "node24"';
  return `is Node.js by another name. ${instead}, which every provider knows.`;
}
