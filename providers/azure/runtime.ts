/** From a portable runtime to Azure's version of Node.js. */

/** What Azure Functions has generally, dates of 2026-11: `node` is the newest. */
const VERSIONS: Readonly<Record<string, string>> = { node: '24', node22: '22', node24: '24' };

export function nodeVersion(runtime: string): string {
  return VERSIONS[runtime] ?? '24';
}

/** What is wrong with a runtime, or undefined. */
export function runtimeProblem(runtime: string): string | undefined {
  if (Object.hasOwn(VERSIONS, runtime)) return undefined;
  if (runtime === 'node20') {
    return 'Node 20 has had no security fixes since 2026-04-30. Use "node" (Node 24), "node24" or "node22".';
  }
  return `Azure Functions has no "${runtime}" that polyfaas could use. Use "node" (Node 24), "node24" or "node22".`;
}
