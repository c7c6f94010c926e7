/** Whether a function's runtime is one that runs here. */
import type { NormalFunctionSpec, SpecIssue } from 'polyfaas/spi';

/** What a declaration may name: the versions of Node.js that polyfaas itself runs on. */
const RUNTIMES: ReadonlySet<string> = new Set(['node', 'node22', 'node24', 'node26']);

/** @param running the version of Node.js that runs, without a `v`. */
export function runtimeIssues(
  { name, runtime }: Pick<NormalFunctionSpec, 'name' | 'runtime'>,
  running: string = process.versions.node,
): readonly SpecIssue[] {
  const path = `functions.${name}.runtime`;
  if (!RUNTIMES.has(runtime)) {
    const message = `the local provider has no "${runtime}". Use "node" (the Node.js that runs it), "node26", "node24" or "node22".`;
    return [{ path, message }];
  }
  if (runtime === 'node' || running.startsWith(`${runtime.slice('node'.length)}.`)) return [];
  return [
    {
      path,
      message: `"${runtime}" is not what runs here: locally, functions run on the Node.js of the program that calls them, which is ${running}. Run it by that version to try the function on it.`,
      warning: 'ignored',
    },
  ];
}
