/** Calls that only warm. */
import type { DirectHead } from '../../http/direct/index.ts';
import type { CallContext } from '../provider.ts';
import { DIRECT_GRACE_MS, type DirectClient } from './client.ts';
import { type DirectDoors, sendThrough } from './doors.ts';

/** So long each warm-up holds its instance, so that the others get another. */
export const WARM_HOLD_MS = 75;

export interface WarmedInstances {
  readonly distinctInstances: number;
  /** What each call was answered with. */
  readonly heads: readonly DirectHead[];
}

/**
 * Sends so many calls at once. Those that fail are left out.
 *
 * @throws what the first failed with, when all did; the reason of the signal.
 */
export async function warmThrough(
  client: DirectClient,
  doors: DirectDoors,
  instances: number,
  { clock, signal }: CallContext,
): Promise<WarmedInstances> {
  const body = { kind: 'warm', holdMs: WARM_HOLD_MS } as const;
  const replies = await Promise.allSettled(
    Array.from({ length: instances }, () =>
      sendThrough(client, doors, body, {
        requestId: crypto.randomUUID(),
        clock,
        signal,
        timeoutMs: DIRECT_GRACE_MS,
      }),
    ),
  );
  signal.throwIfAborted();
  const heads = replies.flatMap((reply) =>
    reply.status === 'fulfilled' ? [reply.value.$polyfaas] : [],
  );
  const failed = replies.find((reply) => reply.status === 'rejected');
  if (heads.length === 0 && failed !== undefined) throw failed.reason;
  return { heads, distinctInstances: new Set(heads.map(({ instanceId }) => instanceId)).size };
}
