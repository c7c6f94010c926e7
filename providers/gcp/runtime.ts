/** From a portable runtime to Google's word for it. */

/** What Cloud Run functions have generally, dates of 2026-11: `node` is the newest. */
const RUNTIMES: Readonly<Record<string, string>> = {
  node: 'nodejs24',
  node22: 'nodejs22',
  node24: 'nodejs24',
};

export function nativeRuntime(runtime: string): string {
  return RUNTIMES[runtime] ?? 'nodejs24';
}

/** What is wrong with a runtime, or undefined. */
export function runtimeProblem(runtime: string): string | undefined {
  if (Object.hasOwn(RUNTIMES, runtime)) return undefined;
  if (runtime === 'node20') {
    return 'Google took nodejs20 out of service on 2026-10-30. Use "node" (Node 24), "node24" or "node22".';
  }
  return `Cloud Run functions have no "${runtime}" that polyfaas could use. Use "node" (Node 24), "node24" or "node22".`;
}
