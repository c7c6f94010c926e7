/** One request of a job. */
import { setTimeout } from 'node:timers/promises';
import type { World } from '../core/ports.ts';
import type { JobSettings } from './job-wish.ts';

/** `google.rpc.Code` by HTTP status. */
const CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  409: 10,
  429: 8,
  500: 13,
  501: 12,
  503: 14,
  504: 4,
};
const UNKNOWN = 2;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const UNAUTHENTICATED = 16;

/** Resolves to a `google.rpc.Code`: 0 for success, which is a status from 200 to 299. Never rejects. */
export async function attempt(
  world: World,
  { target, attemptDeadlineMs }: JobSettings,
  { jobId, scheduledMs }: { readonly jobId: string; readonly scheduledMs: number },
): Promise<number> {
  const { uri, method, headers, body, token } = target;
  if (token && !world.identity.accountExists(token.serviceAccount)) return UNAUTHENTICATED;
  const waiting = new AbortController();
  try {
    const idToken = token && (await world.identity.idToken(token.serviceAccount, token.audience));
    const reply = await Promise.race([
      world.run.deliver(uri, {
        method,
        headers: {
          ...headers,
          'X-CloudScheduler': 'true',
          'X-CloudScheduler-JobName': jobId,
          'X-CloudScheduler-ScheduleTime': new Date(scheduledMs).toISOString(),
          ...(idToken !== undefined && { Authorization: `Bearer ${idToken}` }),
        },
        body,
      }),
      setTimeout(attemptDeadlineMs, 'late' as const, { signal: waiting.signal, ref: false }),
    ]);
    if (reply === 'late') return DEADLINE_EXCEEDED;
    if (reply === undefined) return NOT_FOUND;
    if (reply.fate === 'timeout') return DEADLINE_EXCEEDED;
    const isDone = reply.fate === 'answered' && reply.status >= 200 && reply.status <= 299;
    return isDone ? 0 : (CODES[reply.status] ?? UNKNOWN);
  } catch {
    return UNKNOWN;
  } finally {
    waiting.abort();
  }
}
