/** What was printed before now: the log of requests, oldest first, although Vercel tells the newest first. */
import {
  type CallContext,
  type JsonValue,
  listAt,
  objectAt,
  ServerlessError,
  textAt,
} from 'polyfaas/spi';
import { VercelApiError } from '../clients/error.ts';
import type { VercelClients } from '../clients/index.ts';
import { inTime, type Line, linesOfRequest, timeOfRequest } from './entry.ts';

/** Whose log is read. */
export interface Whose {
  readonly projectId: string;
  /** Whom the project belongs to. */
  readonly ownerId: string;
}

/** From a moment on, and before another: milliseconds since the epoch. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A span with more pages is read in halves, so that only so many are held at once. */
const MOST_PAGES = 20;
/** After so many it is known well enough how close together requests are. */
const PROBE_PAGES = 4;
/** What is shorter is read whole. */
const SHORTEST_MS = 1_000;

/**
 * The lines of a span, in time: each batch is later than the one before.
 *
 * @param deploymentIds of others nothing is told.
 */
export async function* pastLines(
  vercel: VercelClients,
  whose: Whose,
  deploymentIds: ReadonlySet<string>,
  span: Span,
  call: Pick<CallContext, 'signal'>,
): AsyncGenerator<readonly Line[]> {
  if (span.fromMs >= span.toMs) return;
  const lines = await linesIn(vercel, whose, deploymentIds, span, call);
  if (lines !== undefined) {
    yield lines;
    return;
  }
  const middleMs = span.fromMs + Math.floor((span.toMs - span.fromMs) / 2);
  for (const half of [
    { ...span, toMs: middleMs },
    { ...span, fromMs: middleMs },
  ]) {
    yield* pastLines(vercel, whose, deploymentIds, half, call);
  }
}

/** Undefined when there are too many to hold. */
async function linesIn(
  vercel: VercelClients,
  whose: Whose,
  deploymentIds: ReadonlySet<string>,
  span: Span,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<readonly Line[] | undefined> {
  const isShort = span.toMs - span.fromMs <= SHORTEST_MS;
  /** A request that comes meanwhile moves others to the next page. */
  const found = new Map<string, Line>();
  let oldestMs = span.toMs;
  for (let page = 0; ; page += 1) {
    const { rows, hasMore } = await requestPage(vercel, { ...whose, ...span, page }, signal);
    for (const row of rows) {
      const timeMs = timeOfRequest(row);
      if (timeMs === undefined || timeMs < span.fromMs || timeMs >= span.toMs) continue;
      oldestMs = Math.min(oldestMs, timeMs);
      if (!deploymentIds.has(textAt(row, 'deploymentId') ?? '')) continue;
      for (const line of linesOfRequest(row)) found.set(line.id, line);
    }
    if (!hasMore || rows.length === 0) return [...found.values()].toSorted(inTime);
    if (!isShort && isTooMuch(page + 1, oldestMs, span)) return undefined;
  }
}

function isTooMuch(pages: number, oldestMs: number, { fromMs, toMs }: Span): boolean {
  if (pages >= MOST_PAGES) return true;
  const expected = (pages * (toMs - fromMs)) / Math.max(1, toMs - oldestMs);
  return pages >= PROBE_PAGES && expected > 2 * MOST_PAGES;
}

interface Page extends Whose, Span {
  readonly page: number;
  readonly deploymentId?: string;
}

/**
 * One page of requests, the newest first. This is what Vercel's own command line reads; it is not in the public reference
 * of the API.
 *
 * @throws ServerlessError PERMISSION_DENIED, UNSUPPORTED: an empty log would be a lie.
 */
export async function requestPage(
  vercel: VercelClients,
  { projectId, ownerId, fromMs, toMs, page, deploymentId }: Page,
  signal: AbortSignal,
): Promise<{ readonly rows: readonly JsonValue[]; readonly hasMore: boolean }> {
  const query = {
    projectId,
    ownerId,
    page,
    startDate: fromMs,
    endDate: toMs,
    ...(deploymentId === undefined ? {} : { deploymentId }),
  };
  try {
    const path = '/api/logs/request-logs';
    const answer = await vercel.rest({ method: 'GET', path, isOnSite: true, query, signal });
    const { hasMoreRows } = objectAt(answer);
    return { rows: listAt(answer, 'rows'), hasMore: hasMoreRows === true };
  } catch (error) {
    throw refusalOf(error);
  }
}

function refusalOf(error: unknown): unknown {
  if (!(error instanceof VercelApiError)) return error;
  // What is wrong with the token itself is told by its reason.
  if (error.status === 403 && error.reason === '') {
    return new ServerlessError({
      code: 'PERMISSION_DENIED',
      provider: 'vercel',
      message:
        "Vercel refused to show the logs of the project: the access token may not read them. Its owner needs a role in the team that sees the project's logs in the dashboard (Developer, or another with access to the project), and the token the team as its scope (providerOptions.vercel.team).",
      cause: error,
    });
  }
  if (error.status !== 404 && error.status !== 410) return error;
  return new ServerlessError({
    code: 'UNSUPPORTED',
    provider: 'vercel',
    message:
      'Vercel does not show the logs of the project where its own command line reads them (GET /api/logs/request-logs): the project is gone, the plan has no runtime logs, or Vercel has moved them. See whether `vercel logs` works; if it does, update polyfaas. Until then read them in the dashboard (Logs), or send them elsewhere by a log drain (Pro and Enterprise).',
    cause: error,
  });
}
