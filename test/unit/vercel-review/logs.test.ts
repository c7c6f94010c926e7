/** Lines that must neither be lost nor change their order. */
import type { CallContext, LogsQuery } from 'polyfaas/spi';
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
    record: { versions: [{ deployment: { id: 'dpl_1' } }, { deployment: { id: 'dpl_2' } }] },
  },
  isStranger: false,
  description: { liveVersion: 'v2' },
};
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts that logs look at
const observed = OBSERVED as unknown as VercelObserved;

function row(rowId: string, timestampInMs: number, message: string): string {
  return JSON.stringify({ rowId, source: 'serverless', level: 'info', timestampInMs, message });
}

/** A deployment's stream, as often as it is opened. */
type Stream = (signal: AbortSignal, time: number) => AsyncIterable<string>;

function vercelOf(streams: Readonly<Record<string, Stream>>): VercelClients {
  const opened = new Map<string, number>();
  const clients = {
    lines: ({ path, signal }: RestRequest) => {
      const id = path.split('/').at(-2) ?? '';
      const time = (opened.get(id) ?? 0) + 1;
      opened.set(id, time);
      return streams[id]?.(signal, time);
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the part that logs look at
  return clients as unknown as VercelClients;
}

function context(signal?: AbortSignal): CallContext {
  return callContext(signal, new WaitingClock(new ManualClock(NOW)));
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });

async function follow(vercel: VercelClients, last: string): Promise<readonly string[]> {
  const controller = new AbortController();
  const seen: string[] = [];
  const call = context(controller.signal);
  const query = { ...QUERY, follow: true };
  for await (const { message } of readLogs(vercel, REF, observed, query, call)) {
    seen.push(message);
    if (message === last) break;
  }
  return seen;
}

describe('logs', () => {
  it('keep the lines of one row in the order in which they were printed', async () => {
    const texts = Array.from({ length: 12 }, (_none, index) => `line ${index}`);
    const printed = texts.map((message, index) =>
      index % 2 === 0 ? message : JSON.stringify({ polyfaas: 'log', message, seq: index + 1 }),
    );
    const vercel = vercelOf({
      async *dpl_1(signal) {
        yield row('row1', NOW - 1, printed.join('\n'));
        await aborted(signal);
      },
      async *dpl_2() {},
    });
    const seen: string[] = [];
    for await (const { message } of readLogs(vercel, REF, observed, QUERY, context())) {
      seen.push(message);
    }
    expect(seen).toEqual(texts);
  });

  it('that are followed show what a slow stream has of long before', async () => {
    let isShown: () => void;
    const shown = new Promise<void>((resolve) => (isShown = resolve));
    const vercel = vercelOf({
      async *dpl_1(signal) {
        yield row('a', NOW - 1000, 'new');
        setTimeout(() => isShown(), 150);
        await aborted(signal);
      },
      async *dpl_2(signal) {
        await shown;
        yield row('b', NOW - 600_000, 'old');
        await aborted(signal);
      },
    });
    expect(await follow(vercel, 'old')).toEqual(['new', 'old']);
  });

  it('that are followed go on for each deployment by itself when its stream ends', async () => {
    const vercel = vercelOf({
      async *dpl_1(signal) {
        yield row('a', NOW - 3000, 'first');
        await aborted(signal);
      },
      async *dpl_2(signal, time) {
        yield row('b', NOW - 2000, 'second');
        if (time === 1) return;
        yield row('c', NOW - 1000, 'third');
        await aborted(signal);
      },
    });
    expect(await follow(vercel, 'third')).toEqual(['first', 'second', 'third']);
  });
});
