/** From a portable runtime to Vercel's word for it. */

/** What Vercel has generally, dates of 2026-11: `node` is the newest. */
const RUNTIMES: Readonly<Record<string, string>> = {
  node: 'nodejs24.x',
  node22: 'nodejs22.x',
  node24: 'nodejs24.x',
};

/** Vercel's own words. */
export const NATIVE_RUNTIMES = ['nodejs24.x', 'nodejs22.x'] as const;

export function nativeRuntime(runtime: string): string {
  return RUNTIMES[runtime] ?? 'nodejs24.x';
}

/** What is wrong with a runtime, or undefined. */
export function runtimeProblem(runtime: string): string | undefined {
  if (Object.hasOwn(RUNTIMES, runtime)) return undefined;
  if (runtime === 'node20') {
    return 'Vercel took nodejs20.x out of service on 2026-10-01. Use "node" (Node 24), "node24" or "node22".';
  }
  return `Vercel has no "${runtime}" that polyfaas could use. Use "node" (Node 24), "node24" or "node22".`;
}
