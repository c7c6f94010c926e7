import { closedMeanwhile } from '../engine/cancellation.ts';
import { asOurs } from './as-ours.ts';
import type { Deployment, DeployOutcome, ServerlessManager } from './types.ts';

/** Deploys several functions, at most so many at once, and reports every outcome in the order asked. */
export async function deployAll(
  names: readonly string[],
  parallel: number,
  {
    provider,
    closing,
    deploy,
  }: Pick<ServerlessManager, 'provider'> & {
    /** Aborts when the manager is closed. */
    readonly closing: AbortSignal;
    readonly deploy: (name: string) => Promise<Deployment>;
  },
): Promise<{ readonly outcomes: readonly DeployOutcome[] }> {
  const outcomes = new Map<string, DeployOutcome>();
  const queue = [...new Set(names)];
  // Of one that was closed before, each deploy says so itself.
  const wasClosed = closing.aborted;
  const one = async (name: string): Promise<DeployOutcome> => {
    try {
      if (closing.aborted && !wasClosed) throw closedMeanwhile(undefined, { function: name });
      const deployment = await deploy(name);
      return { name, status: deployment.changed ? 'deployed' : 'unchanged', deployment };
    } catch (thrown) {
      const error = asOurs(thrown, { method: 'deploy', name, provider });
      return { name, status: error.code === 'CANCELLED' ? 'cancelled' : 'failed', error };
    }
  };
  const worker = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      outcomes.set(name, await one(name));
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, parallel) }, worker));
  return { outcomes: [...new Set(names)].flatMap((name) => outcomes.get(name) ?? []) };
}
