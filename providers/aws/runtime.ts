/** From a portable runtime to Lambda's name of it. */

/** Lambda runtimes, dates of 2026-11: `node` is the newest that is generally available. */
const RUNTIMES: Readonly<Record<string, string>> = {
  node: 'nodejs24.x',
  node22: 'nodejs22.x',
  node24: 'nodejs24.x',
};

/** Lambda's name; a word of Lambda's own is passed on as it is. */
export function lambdaRuntime(runtime: string): string {
  return RUNTIMES[runtime] ?? runtime;
}

export function isNodeRuntime(runtime: string): boolean {
  return lambdaRuntime(runtime).startsWith('nodejs');
}

/** What is wrong with a runtime, or undefined. */
export function runtimeProblem(runtime: string): string | undefined {
  const word = lambdaRuntime(runtime);
  if (runtime === 'node20') {
    return 'Node 20 was deprecated by Lambda on 2026-04-30, and takes no new functions from 2027-02-01. Use "node" (Node 24), "node24" or "node22".';
  }
  if (/^node\d*$/.test(word)) {
    return `Lambda has no "${runtime}". Use "node" (Node 24), "node24" or "node22".`;
  }
  if (/^(?:nodejs|python|java|dotnet|ruby|provided|go)[\w.]*$/.test(word)) return undefined;
  return `"${runtime}" is no runtime of Lambda. Use "node", or one of its names such as "python3.13", "java21", "dotnet8", "ruby3.4" or "provided.al2023".`;
}
