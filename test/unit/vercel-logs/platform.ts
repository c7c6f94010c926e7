/** Vercel's two logs of one project: live streams that show nothing of before, and requests, which are there later. */
import type { CallContext, JsonValue, LogEntry, LogsQuery } from 'polyfaas/spi';
import { VercelApiError } from '../../../providers/vercel/clients/error.ts';
import type { RestRequest, VercelClients } from '../../../providers/vercel/clients/index.ts';
import { readLogs } from '../../../providers/vercel/logs/index.ts';
import type { VercelObserved } from '../../../providers/vercel/model.ts';
import { callContext } from '../../support/call-context.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { WaitingClock } from '../../support/waiting-clock.ts';

export const REF = { app: 'shop', stage: 'dev', name: 'main' };
export const NOW = Date.parse('2026-01-02T04:00:00Z');
const QUERY: LogsQuery = {
  from: '2026-01-02T03:00:00.000Z',
  to: '2026-01-02T04:00:00.000Z',
  limit: 10_000,
  follow: false,
};

const OBSERVED = {
  project: { id: 'prj_1', accountId: 'team_1', production: 'dpl_2' },
  kept: {
    record: {
      versions: [{ deployment: { id: 'dpl_1' } }, { deployment: { id: 'dpl_2' } }],
    },
  },
  isStranger: false,
  description: { liveVersion: 'v2' },
};
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts that logs look at
export const observed = OBSERVED as unknown as VercelObserved;

const PAGE = 50;

/** What one request printed. */
export interface Printed {
  readonly timeMs: number;
  readonly texts: readonly string[];
  readonly deploymentId?: string;
  readonly level?: string;
  /** From when on it is in the log of requests. Default: at once. */
  readonly shownAtMs?: number;
}

/** A line as the function's own entry writes it. */
export function own(message: string, change: object = {}): string {
  const line = { polyfaas: 'log', level: 'info', message, requestId: 'r1', version: 'v1' };
  return JSON.stringify({ ...line, ...change });
}

export class Platform {
  readonly clock = new WaitingClock(new ManualClock(NOW));
  /** `startDate-endDate page`, of each page that was asked for. */
  readonly asked: { readonly from: number; readonly to: number; readonly page: number }[] = [];
  /** Streams that are open, and all that ever were. */
  open = 0;
  opened = 0;
  /** What the log of requests answers instead. */
  refusal: { readonly status: number; readonly code: string } | undefined;
  /** After each page. */
  onPage = (): void => {};
  readonly #requests: (Required<Printed> & { readonly id: string })[] = [];
  readonly #listeners = new Map<string, Set<(row: string | undefined) => void>>();
  #count = 0;

  /** In the log of requests alone. */
  past(...printed: readonly Printed[]): void {
    for (const one of printed) {
      const usual = { deploymentId: 'dpl_1', level: 'info', shownAtMs: 0 };
      this.#requests.push({ ...usual, ...one, id: `req${this.#requests.length}` });
    }
  }

  /** In the streams that are open. */
  live(text: string, timeMs = this.clock.now(), deploymentId = 'dpl_1'): void {
    this.#count += 1;
    const about = { rowId: `row${this.#count}`, source: 'serverless', level: 'info' };
    const row = JSON.stringify({ ...about, timestampInMs: timeMs, message: text });
    for (const hear of this.#listeners.get(deploymentId) ?? []) hear(row);
  }

  /** In both: this very moment. */
  print(text: string, lagMs = 3_000): void {
    const now = this.clock.now();
    this.past({ timeMs: now, texts: [text], shownAtMs: now + lagMs });
    this.live(text);
  }

  /** Vercel ends a stream. */
  end(deploymentId: string): void {
    for (const hear of this.#listeners.get(deploymentId) ?? []) hear(undefined);
  }

  get vercel(): VercelClients {
    const clients = {
      account: () => Promise.resolve('team_1'),
      rest: (request: RestRequest) => this.#page(request),
      lines: (request: RestRequest) => this.#lines(request),
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts that logs look at
    return clients as unknown as VercelClients;
  }

  context(signal?: AbortSignal): CallContext {
    return callContext(signal, this.clock);
  }

  async read(change: Partial<LogsQuery> = {}): Promise<readonly LogEntry[]> {
    const entries: LogEntry[] = [];
    const query = { ...QUERY, ...change };
    for await (const entry of readLogs(this.vercel, REF, observed, query, this.context())) {
      entries.push(entry);
    }
    return entries;
  }

  /** Follows until so much simulated time has passed, and tells what was said. */
  async follow(
    forMs: number,
    during: (message: string) => void = () => {},
    change: Partial<LogsQuery> = {},
  ): Promise<readonly string[]> {
    const controller = new AbortController();
    const ending = this.clock.after(forMs, () => controller.abort(new Error('enough')));
    const seen: string[] = [];
    const call = this.context(controller.signal);
    const query = { ...QUERY, follow: true, ...change };
    try {
      for await (const { message } of readLogs(this.vercel, REF, observed, query, call)) {
        seen.push(message);
        during(message);
      }
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    } finally {
      ending();
    }
    return seen;
  }

  #page({ path, query, isOnSite }: RestRequest): Promise<JsonValue> {
    const wanted = { projectId: 'prj_1', ownerId: 'team_1' };
    const isAsked = Object.entries(wanted).every(([name, value]) => query?.[name] === value);
    if (path !== '/api/logs/request-logs' || isOnSite !== true || !isAsked)
      return Promise.reject(new Error(`Nobody answers ${path}.`));
    if (this.refusal) {
      const { status, code } = this.refusal;
      return Promise.reject(new VercelApiError(status, { code, message: 'No.' }));
    }
    const [from, to, page] = [query?.['startDate'], query?.['endDate'], query?.['page']].map(
      Number,
    );
    if (from === undefined || to === undefined || page === undefined) throw new Error('No span.');
    this.asked.push({ from, to, page });
    const found = this.#requests
      .filter(
        ({ timeMs, shownAtMs }) => timeMs >= from && timeMs <= to && this.clock.now() >= shownAtMs,
      )
      .toReversed()
      .toSorted((one, other) => other.timeMs - one.timeMs);
    const end = (page + 1) * PAGE;
    const rows = found
      .slice(page * PAGE, end)
      .map(({ id, timeMs, deploymentId, level, texts }) => ({
        requestId: id,
        timestamp: new Date(timeMs).toISOString(),
        deploymentId,
        logs: texts.map((message) => ({ level, message, messageTruncated: false })),
        events: [{ source: 'serverless' }],
      }));
    this.onPage();
    return Promise.resolve({ rows, hasMoreRows: found.length > end });
  }

  async *#lines({ path, signal }: RestRequest): AsyncGenerator<string> {
    const id = path.split('/').at(-2) ?? '';
    const rows: (string | undefined)[] = [];
    let wake = (): void => {};
    const hear = (row: string | undefined): void => {
      rows.push(row);
      wake();
    };
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(hear));
    this.open += 1;
    this.opened += 1;
    try {
      for (;;) {
        while (rows.length === 0) {
          await new Promise<void>((resolve, reject) => {
            wake = resolve;
            signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
          });
        }
        const row = rows.shift();
        if (row === undefined) return;
        yield row;
      }
    } finally {
      listeners.delete(hear);
      this.open -= 1;
    }
  }
}

export const messages = (entries: readonly LogEntry[]): readonly string[] =>
  entries.map(({ message }) => message);
