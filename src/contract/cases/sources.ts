/** One plain event source of each kind, and how to make it fire. */
import type { EventKind } from '../../function/events.ts';
import type { EventSpec } from '../../spec/types.ts';
import type { ContractContext } from '../context.ts';
import type { ServerlessManager } from '../subject.ts';

/** A kind of event source, as the cases that all kinds share use it. */
export interface SourceKind {
  readonly kind: EventKind;
  /** A plain source; `variation` is the same source, set otherwise. */
  event(t: ContractContext): EventSpec;
  variation(t: ContractContext): EventSpec;
  /** Not allowed, and the field that the refusal names. */
  readonly wrong: { readonly field: string; readonly value: unknown };
  /** Makes it fire once. Does not wait for the delivery. */
  fire(t: ContractContext, manager: ServerlessManager): Promise<void>;
}

const RETRY = { maxAttempts: 2, backoff: 'fixed', delaySeconds: 1, jitter: false } as const;

export const SOURCE_KINDS: readonly SourceKind[] = [
  {
    kind: 'http',
    event: () => ({ type: 'http', method: 'GET', path: '/ping' }),
    variation: () => ({ type: 'http', method: 'GET', path: '/ping', maxBodyBytes: 1024 }),
    wrong: { field: 'path', value: 'no-slash' },
    async fire(t, manager) {
      const url = (await manager.describe('main'))?.url;
      // Without routes there is no origin, or nobody listens there: nothing is delivered.
      if (url) await t.fetch(manager, '/ping').catch(() => undefined);
    },
  },
  {
    kind: 'schedule',
    event: () => ({ type: 'schedule', id: 'timer', every: '1 minute' }),
    variation: () => ({ type: 'schedule', id: 'timer', every: '1 minute', input: { set: 2 } }),
    wrong: { field: 'cron', value: '61 * * * *' },
    async fire(t) {
      const before = t.reports('schedule').length;
      // Some platforms count by the clock: a whole minute could hold two firings.
      for (let waited = 0; waited < 61_000; waited += 5000) {
        await t.subject.clock.advance(5000);
        await t.subject.settle();
        if (t.reports('schedule').length > before) return;
      }
    },
  },
  {
    kind: 'queue',
    event: (t) => ({ type: 'queue', queue: t.name('q'), create: true }),
    variation: (t) => ({ type: 'queue', queue: t.name('q'), create: true, retry: RETRY }),
    wrong: { field: 'batchSize', value: 0 },
    fire: (t) =>
      t.subject.emit({ kind: 'queue', queue: t.name('q'), messages: [{ data: 'fired' }] }),
  },
  {
    kind: 'topic',
    event: (t) => ({ type: 'topic', topic: t.name('topic'), create: true }),
    variation: (t) => ({ type: 'topic', topic: t.name('topic'), create: true, retry: RETRY }),
    wrong: { field: 'topic', value: '' },
    fire: (t) => t.subject.emit({ kind: 'topic', topic: t.name('topic'), data: 'fired' }),
  },
  {
    kind: 'object',
    event: (t) => ({ type: 'object', bucket: t.name('bucket'), create: true }),
    variation: (t) => ({
      type: 'object',
      bucket: t.name('bucket'),
      create: true,
      on: ['created', 'deleted'],
    }),
    wrong: { field: 'on', value: ['renamed'] },
    fire: (t) =>
      t.subject.emit({
        kind: 'object',
        bucket: t.name('bucket'),
        key: `fired-${t.subject.clock.now()}`,
        body: 'x',
      }),
  },
  {
    kind: 'stream',
    event: (t) => ({ type: 'stream', stream: t.name('stream'), create: true }),
    variation: (t) => ({
      type: 'stream',
      stream: t.name('stream'),
      create: true,
      batchSize: 7,
    }),
    wrong: { field: 'from', value: 'middle' },
    fire: (t) =>
      t.subject.emit({
        kind: 'stream',
        stream: t.name('stream'),
        records: [{ partitionKey: 'a', data: 'fired' }],
      }),
  },
  {
    kind: 'table',
    event: (t) => ({ type: 'table', table: t.name('table'), create: true }),
    variation: (t) => ({ type: 'table', table: t.name('table'), create: true, batchSize: 7 }),
    wrong: { field: 'retry', value: { maxAttempts: 0 } },
    fire: (t) =>
      t.subject.emit({
        kind: 'table',
        table: t.name('table'),
        key: { id: 'row' },
        item: { at: t.subject.clock.now() },
      }),
  },
  {
    kind: 'bus',
    event: (t) => ({ type: 'bus', bus: t.name('bus'), create: true }),
    variation: (t) => ({ type: 'bus', bus: t.name('bus'), create: true, retry: RETRY }),
    wrong: { field: 'pattern', value: { source: 'not a list' } },
    fire: (t) =>
      t.subject.emit({
        kind: 'bus',
        bus: t.name('bus'),
        source: 'contract',
        type: 'Fired',
        // Not every bus takes data that is no object.
        data: { fired: true },
      }),
  },
];
