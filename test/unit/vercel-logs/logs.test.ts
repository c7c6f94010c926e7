import type { CallContext, LogEntry, LogsQuery } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import type { RestRequest, VercelClients } from '../../../providers/vercel/clients/index.ts';
import { readLogs } from '../../../providers/vercel/logs/index.ts';
import type { VercelObserved } from '../../../providers/vercel/model.ts';
import { callContext } from '../../support/call-context.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { WaitingClock } from '../../support/waiting-clock.ts';

const REF = { app: 'shop', stage: 'dev', name: 'main' };
const NOW = Date.parse('2026-01-02T04:00:00Z');
const QUERY: LogsQuery = {
  from: '2026-01-02T03:00:00.000Z',
  to: '2026-01-02T04:00:00.000Z',
  limit: 100,
  follow: false,
};

const OBSERVED = {
  project: { id: 'prj_1', production: 'dpl_2' },
  kept: {
    record: {
      versions: [{ deployment: { id: 'dpl_1' } }, { deployment: { id: 'dpl_2' } }],
    },
  },
  isStranger: false,
  description: { liveVersion: 'v2' },
};
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts that logs look at
const observed = OBSERVED as unknown as VercelObserved;

let count = 0;

function row(timestampInMs: number, message: string, change: object = {}): string {
  count += 1;
  const about = { rowId: `row${count}`, source: 'serverless', level: 'info' };
  return JSON.stringify({ ...about, timestampInMs, message, ...change });
}

function own(timestampInMs: number, message: string, change: object = {}): string {
  const line = { polyfaas: 'log', level: 'info', message, requestId: 'r1', version: 'v1', seq: 1 };
  return row(timestampInMs, JSON.stringify({ ...line, ...change }));
}

/** Streams of deployments that show what they have, and stay open. */
class Logs {
  readonly rows: Record<string, string[]> = { dpl_1: [], dpl_2: [] };
  /** Streams that are open. */
  open = 0;
  opened = 0;
  /** Ends a stream once it has shown so many rows. */
  endsAfter = Infinity;
  readonly #waiting = new Set<() => void>();

  add(deployment: string, ...rows: readonly string[]): void {
    this.rows[deployment]?.push(...rows);
    for (const wake of this.#waiting) wake();
  }

  get vercel(): VercelClients {
    const clients = { lines: (request: RestRequest) => this.#lines(request) };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the part that logs look at
    return clients as unknown as VercelClients;
  }

  async *#lines({ path, signal }: RestRequest): AsyncGenerator<string> {
    const rows = this.rows[path.split('/').at(-2) ?? ''] ?? [];
    this.open += 1;
    this.opened += 1;
    try {
      for (let at = 0; at < this.endsAfter; at += 1) {
        while (at >= rows.length) {
          await new Promise<void>((resolve, reject) => {
            const wake = (): void => {
              this.#waiting.delete(wake);
              resolve();
            };
            this.#waiting.add(wake);
            signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
          });
        }
        yield rows[at] ?? '';
      }
    } finally {
      this.open -= 1;
    }
  }
}

function context(signal?: AbortSignal): CallContext {
  return callContext(signal, new WaitingClock(new ManualClock(NOW)));
}

async function read(logs: Logs, change: Partial<LogsQuery> = {}): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  const query = { ...QUERY, ...change };
  for await (const entry of readLogs(logs.vercel, REF, observed, query, context())) {
    entries.push(entry);
  }
  return entries;
}

const messages = (entries: readonly LogEntry[]): readonly string[] =>
  entries.map(({ message }) => message);

describe('logs', () => {
  it('of all kept deployments are one, oldest first, and leave no stream open', async () => {
    const logs = new Logs();
    logs.add('dpl_1', own(NOW - 3000, 'b', { seq: 2 }), own(NOW - 3000, 'a', { seq: 1 }));
    logs.add('dpl_2', row(NOW - 5000, 'printed\nin two lines\n', { level: 'error' }));
    logs.add('dpl_2', own(NOW - 2000, 'c', { level: 'warn', fields: { n: 1 } }));
    logs.add('dpl_2', row(NOW - 1000, '{"polyfaas":"call","requestId":"r1"}'));
    logs.add('dpl_2', row(NOW - 1000, '', { source: 'request' }), row(NOW - 7_200_000, 'old'));
    expect(await read(logs)).toMatchObject([
      { level: 'error', message: 'printed\nin two lines', time: '2026-01-02T03:59:55.000Z' },
      { level: 'info', message: 'a', requestId: 'r1', version: 'v1' },
      { level: 'info', message: 'b' },
      { level: 'warn', message: 'c', fields: { n: 1 } },
    ]);
    expect(logs.open).toBe(0);
  });

  it('are of several lines in one row, too', async () => {
    const logs = new Logs();
    const line = { polyfaas: 'log', level: 'info', message: 'own', requestId: 'r', version: 'v' };
    logs.add('dpl_1', row(NOW - 1000, `plain\n${JSON.stringify(line)}\n{"polyfaas":"call"}\n`));
    expect(messages(await read(logs))).toEqual(['plain', 'own']);
  });

  it('can be asked for by request and level', async () => {
    const logs = new Logs();
    logs.add('dpl_1', own(NOW - 3, 'a'), own(NOW - 2, 'b', { level: 'error' }), row(NOW - 1, 'c'));
    expect(messages(await read(logs, { requestId: 'r1' }))).toEqual(['a', 'b']);
    expect(messages(await read(logs, { minLevel: 'warn' }))).toEqual(['b']);
  });

  it('end at a limit, and go on behind the cursor', async () => {
    const logs = new Logs();
    logs.add('dpl_1', own(NOW - 3, 'a'), own(NOW - 2, 'b'), own(NOW - 2, 'c'), own(NOW - 1, 'd'));
    const first = await read(logs, { limit: 2 });
    expect(messages(first)).toEqual(['a', 'b']);
    const cursor = first.at(-1)?.cursor;
    expect(messages(await read(logs, { cursor }))).toEqual(['c', 'd']);
    logs.rows['dpl_1'] = logs.rows['dpl_1']?.slice(2) ?? [];
    expect(messages(await read(logs, { cursor }))).toEqual(['c', 'd']);
    await expect(read(logs, { cursor: 'not a cursor' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('that are followed show what comes later once, also over streams that end', async () => {
    const logs = new Logs();
    logs.endsAfter = 2;
    logs.add('dpl_1', own(NOW - 3, 'a'), own(NOW - 2, 'b'));
    logs.add('dpl_2', own(NOW - 1, 'c'), own(NOW, 'd'));
    const controller = new AbortController();
    const seen: string[] = [];
    const query = { ...QUERY, follow: true };
    const call = context(controller.signal);
    const following = (async () => {
      for await (const { message } of readLogs(logs.vercel, REF, observed, query, call)) {
        seen.push(message);
        if (message === 'd') {
          logs.endsAfter = Infinity;
          setTimeout(() => logs.add('dpl_2', own(NOW + 1, 'later')), 20);
        }
        if (message === 'later') controller.abort(new Error('enough'));
      }
    })();
    await expect(following).rejects.toThrow('enough');
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'later']);
    expect([logs.open, logs.opened > 2]).toEqual([0, true]);
  });

  it('are none of what is not deployed', async () => {
    const gone = { ...observed, description: undefined };
    const reading = readLogs(new Logs().vercel, REF, gone, QUERY, context());
    await expect(reading.next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
