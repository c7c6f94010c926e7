/** Firings of Vercel's crons: requests with a secret that Vercel alone was told. */
import {
  bareAnswer,
  errorAnswer,
  type IncomingRequest,
  OverdueError,
  type ServerAnswer,
} from 'polyfaas/http';
import { CRONS_PATH, STATUS } from '../manifest.ts';
import type { Instance } from './instance.ts';

const MINUTE_MS = 60_000;

export async function serveCron(
  instance: Instance,
  { path, headers, request }: IncomingRequest,
): Promise<ServerAnswer> {
  if (!isVercel(headers['authorization'], instance.cronSecret)) {
    return errorAnswer(401, 'The caller is not the scheduler of this function.');
  }
  if (request.method !== 'GET') return errorAnswer(405, 'Only GET is taken here.');
  const id = decoded(path.slice(CRONS_PATH.length));
  const binding = instance.manifest.bindings.find((one) => one.binding.id === id)?.binding;
  if (binding?.event.type !== 'schedule' || !binding.event.enabled) {
    return errorAnswer(404, 'There is no such schedule.');
  }
  const nowMs = requestedAt(headers['x-vercel-id']) ?? Date.now();
  // Vercel does not tell what it was due; it fires within the minute that the expression names ("Managing Cron Jobs").
  const scheduledTime = new Date(Math.floor(nowMs / MINUTE_MS) * MINUTE_MS).toISOString();
  const requestId = `${binding.id}-${scheduledTime}`;
  const event = {
    id: requestId,
    source: binding.id,
    scheduledTime,
    time: new Date(nowMs).toISOString(),
    data: binding.event.input,
  };
  try {
    await instance.call({ kind: 'schedule', event }, { requestId });
    return bareAnswer(STATUS.ok);
  } catch (thrown) {
    instance.sink.report('error', 'A firing failed', thrown, requestId);
    return bareAnswer(thrown instanceof OverdueError ? STATUS.timedOut : STATUS.failed);
  }
}

/** `x-vercel-id` ends in `id-milliseconds-hash` ("Request headers"). */
function requestedAt(id = ''): number | undefined {
  const ms = Number(/-(\d{13})-[\da-z]+$/i.exec(id)?.[1]);
  return Number.isNaN(ms) ? undefined : ms;
}

/** In a time that tells nothing of the secret. */
function isVercel(authorization: string | undefined, secret: string | undefined): boolean {
  if (!secret || authorization === undefined) return false;
  const { hash, timingSafeEqual } = process.getBuiltinModule('node:crypto');
  const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
  return timingSafeEqual(digest(authorization), digest(`Bearer ${secret}`));
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
