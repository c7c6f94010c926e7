import type { Complete, LimitsSpec } from '../../../src/spec/types.ts';
import type { Plan, Step } from '../../../src/spi/plan.ts';
import type { CallContext, ServerlessProvider } from '../../../src/spi/provider.ts';
import { CAPABILITIES } from '../../../providers/local/capabilities.ts';
import type { ManualClock } from '../../support/manual-clock.ts';

export const ref = { app: 'shop', stage: 'dev', name: 'orders' };

export const limits: Complete<LimitsSpec> = {
  parallelDeploys: 4,
  concurrentCalls: 64,
  maxAttempts: 4,
  attemptTimeoutSeconds: 60,
};

export function contextOf(
  clock: ManualClock,
  signal: AbortSignal = new AbortController().signal,
): CallContext {
  return {
    signal,
    clock,
    random: () => 0.5,
    warn: () => undefined,
    artifacts: { get: () => Promise.reject(new Error('none')) },
    log: { log: () => {} },
  };
}

export function step(id: string, parts: Partial<Step> = {}): Step {
  return {
    id,
    phase: 'prepare',
    kind: id,
    title: `Do ${id}`,
    input: {},
    locks: [],
    deadlineSeconds: 60,
    ...parts,
  };
}

export function planOf(steps: readonly Step[], parts: Partial<Plan> = {}): Plan {
  return {
    specVersion: 1,
    provider: 'stub',
    operation: 'deploy',
    function: ref,
    basedOn: 'r1',
    steps,
    changes: [],
    warnings: [],
    result: { version: '1', url: null, bindings: [], digest: 'd' },
    ...parts,
  };
}

const unused = (): never => {
  throw new Error('this test does not use it');
};

/** A provider of which a test gives only what it uses. */
export function stubProvider(parts: Partial<ServerlessProvider>): ServerlessProvider {
  return {
    specVersion: 1,
    id: 'stub',
    capabilities: CAPABILITIES,
    packaging: {
      format: 'esm',
      target: 'node22',
      entryFile: 'index.mjs',
      shim: { modulePath: import.meta.filename, exports: [] },
      external: [],
      limits: {},
    },
    plan: {
      deploy: unused,
      configureEvent: unused,
      removeEvent: unused,
      preWarm: unused,
      rollback: unused,
      remove: unused,
      prune: unused,
    },
    validate: () => [],
    validateBinding: () => [],
    identify: () => Promise.resolve({ account: 'stub', region: 'here' }),
    observe: () => Promise.resolve({ token: 'r1', description: undefined }),
    list: unused,
    execute: unused,
    invoke: unused,
    metrics: unused,
    logs: unused,
    classify: () => ({ code: 'UNKNOWN', retryable: false }),
    native: () => undefined,
    close: () => Promise.resolve(),
    ...parts,
  };
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
