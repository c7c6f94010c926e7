/**
 * Why a version does not start, from the line that its own entry wrote before it ended. Vercel itself answers that the
 * invocation failed. Its live log shows only what is written while somebody reads it, and does not tell since when that is;
 * its log of requests has all, seconds later. Whichever has it first is taken.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { deserializeError } from 'polyfaas/function';
import {
  again,
  type CallContext,
  type JsonObject,
  keptOf,
  listAt,
  numberAt,
  objectAt,
  parsedJson,
  type ServerlessError,
  textAt,
  type Waiting,
} from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { requestPage } from '../logs/past.ts';
import { META } from '../names.ts';
import type { VerifyInput } from '../steps.ts';
import { listDeployments } from '../observe/deployments.ts';
import { readProject } from '../observe/project.ts';
import { conflict, refusal } from './refusals.ts';
import { isFailure, type Verdict } from './verdict.ts';

/** Lines reach the log of requests within seconds. */
const MOST_LOOKS = 4;
const LOOK_MS = 3_000;
/** Of this machine's time, before the call that fails: a stream does not tell when it begins to show something. */
const OPENING_MS = 300;
/** Of this machine's time, after the call that fails: nothing else ends a stream without lines. */
const LISTEN_MS = 1_000;
const MOST_LINES = 1_000;
/** Back from now: the calls that failed are younger. */
const LOOK_BACK_MS = 10 * 60_000;

/**
 * Calls it once more while its log is read.
 *
 * @param failure what is told when the log does not tell more.
 */
export async function whyItFailed(
  vercel: VercelClients,
  input: VerifyInput,
  failure: ServerlessError,
  callAgain: () => Promise<Verdict>,
  call: CallContext,
): Promise<Verdict | Waiting> {
  const looks = numberAt(keptOf(call), 'looks') ?? 0;
  const deploymentId = await deploymentOf(vercel, input, call);
  // Its instances end with it.
  if (deploymentId === undefined) return conflict('its new deployment was deleted');
  const { verdict, error } = await watch(vercel, { ...input, deploymentId }, callAgain, call);
  if (!isFailure(verdict)) return verdict;
  if (error !== undefined) {
    const cause = deserializeError(error);
    return refusal(
      'FUNCTION_FAILED',
      `Version ${input.version} did not start: ${cause.name}: ${cause.message}. The code outside the handlers failed; see the stack of the cause.`,
      { cause, details: { ...failure.details, errorName: cause.name } },
    );
  }
  if (looks + 1 >= MOST_LOOKS || verdict.code !== 'FUNCTION_FAILED') return verdict;
  return again(call, {
    stage: 'reading why it did not start',
    keep: { looks: looks + 1 },
    firstMs: LOOK_MS,
    longestMs: LOOK_MS,
  });
}

/** By its address. Undefined when it is gone. */
export async function deploymentOf(
  vercel: VercelClients,
  { projectId, host, version }: VerifyInput,
  call: CallContext,
): Promise<string | undefined> {
  const filter = { [`meta-${META.version}`]: version };
  const found = await listDeployments(vercel, projectId, filter, call);
  return found.find((one) => one.host === host)?.id;
}

interface Watched {
  readonly verdict: Verdict;
  /** What the entry wrote; undefined while nothing of it is in the log. */
  readonly error: JsonObject | undefined;
}

async function watch(
  vercel: VercelClients,
  about: VerifyInput & { readonly deploymentId: string },
  callAgain: () => Promise<Verdict>,
  call: CallContext,
): Promise<Watched> {
  const ended = new AbortController();
  const signal = AbortSignal.any([call.signal, ended.signal]);
  const reading = liveError(vercel, about, signal);
  const patience = (ms: number): Promise<undefined> =>
    delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
  try {
    await patience(OPENING_MS);
    const verdict = await callAgain();
    if (!isFailure(verdict)) return { verdict, error: undefined };
    const live = await Promise.race([reading, patience(LISTEN_MS)]);
    return { verdict, error: live ?? (await pastError(vercel, about, call)) };
  } finally {
    ended.abort();
    await reading;
    call.signal.throwIfAborted();
  }
}

/** Never rejects: the failure itself is what counts, also for whoever may not read the log. */
async function liveError(
  vercel: VercelClients,
  { projectId, deploymentId, version }: VerifyInput & { readonly deploymentId: string },
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const path = `/v1/projects/${encodeURIComponent(projectId)}/deployments/${encodeURIComponent(deploymentId)}/runtime-logs`;
  let lines = 0;
  try {
    const query = { format: 'lines' };
    for await (const line of vercel.lines({ method: 'GET', path, query, signal })) {
      const error = errorIn(textAt(parsedJson(line), 'message') ?? '', version);
      if (error !== undefined) return error;
      lines += 1;
      if (lines > MOST_LINES) break;
    }
  } catch {
    return undefined;
  }
  return undefined;
}

/** Never rejects, either. */
async function pastError(
  vercel: VercelClients,
  { projectId, deploymentId, version }: VerifyInput & { readonly deploymentId: string },
  call: CallContext,
): Promise<JsonObject | undefined> {
  const toMs = call.clock.now();
  try {
    const project = await readProject(vercel, projectId, call);
    const ownerId = project?.accountId ?? (await vercel.account(call.signal));
    const asked = { projectId, ownerId, deploymentId, fromMs: toMs - LOOK_BACK_MS, toMs, page: 0 };
    const { rows } = await requestPage(vercel, asked, call.signal);
    for (const printed of rows.flatMap((row) => listAt(row, 'logs'))) {
      const error = errorIn(textAt(printed, 'message') ?? '', version);
      if (error !== undefined) return error;
    }
  } catch {
    return undefined;
  }
  return undefined;
}

/** A message may hold several lines. */
function errorIn(message: string, version: string): JsonObject | undefined {
  if (!message.includes('load-error')) return undefined;
  for (const text of message.split('\n')) {
    const line = parsedJson(text);
    if (textAt(line, 'polyfaas') !== 'load-error') continue;
    if ((textAt(line, 'version') ?? version) !== version) continue;
    const error = objectAt(line, 'error');
    if (textAt(error, 'message') !== undefined) return error;
  }
  return undefined;
}
