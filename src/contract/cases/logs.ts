import assert from 'node:assert/strict';
import type { LogLevel } from '../../function/context.ts';
import type { LogsOptions } from '../../manager/types.ts';
import type { LogEntry } from '../../spi/provider.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { begun, type ContractContext } from '../context.ts';
import type { ServerlessManager } from '../subject.ts';
import { foundAfter } from './ended-call.ts';

const logs = casesOf('logs');

/** All but the window, which is always the last hour. */
type ReadOptions = Pick<LogsOptions, 'requestId' | 'minLevel' | 'limit' | 'cursor'>;

function line(level: LogLevel, message: string): { level: LogLevel; message: string } {
  return { level, message };
}

const FOUR = [
  line('info', 'one'),
  line('warn', 'two'),
  line('error', 'three'),
  line('info', 'four'),
];

async function read(
  manager: ServerlessManager,
  options: ReadOptions = {},
): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of manager.logs('main', { ...options, last: '1h' })) entries.push(entry);
  return entries;
}

/** The entries, once so many of them are there. */
async function readAtLeast(
  t: ContractContext,
  manager: ServerlessManager,
  count: number,
  options: ReadOptions = {},
): Promise<readonly LogEntry[]> {
  let entries: readonly LogEntry[] = [];
  await t.until(`${count} log entries are there`, async () => {
    entries = await read(manager, options);
    return entries.length >= count;
  });
  return entries;
}

async function printed(
  t: ContractContext,
): Promise<{ manager: ServerlessManager; requestId: string }> {
  const { manager } = await t.deployed();
  const { requestId } = await manager.invoke('main', { op: 'print', lines: FOUR });
  return { manager, requestId };
}

/** Log lines. */
export const LOGS_CASES: readonly ContractCase[] = [
  logs(
    'in-order',
    'What a function logs arrives in order, with request id, version and level',
    ['logs.query', 'invoke.sync'],
    async (t) => {
      const { manager, requestId } = await printed(t);
      const entries = await readAtLeast(t, manager, 4, { requestId });
      const own = entries.filter(({ message }) => FOUR.some((known) => known.message === message));
      assert.deepEqual(
        own.map(({ level, message }) => ({ level, message })),
        FOUR,
      );
      const version = (await manager.describe('main'))?.liveVersion;
      for (const entry of own) {
        assert.equal(entry.requestId, requestId);
        assert.equal(entry.version, version);
        assert.ok(!Number.isNaN(Date.parse(entry.time)));
        assert.ok(entry.cursor.length > 0);
      }
    },
  ),
  logs('fields', 'The fields of a line arrive', ['logs.query', 'invoke.sync'], async (t) => {
    const { manager } = await t.deployed();
    const fields = { order: 7, tags: ['a', 'ü'] };
    const { requestId } = await manager.invoke('main', {
      op: 'print',
      lines: [{ ...line('info', 'with fields'), fields }],
    });
    const entries = await readAtLeast(t, manager, 1, { requestId });
    assert.deepEqual(entries.find(({ message }) => message === 'with fields')?.fields, fields);
  }),
  logs(
    'console',
    'What a function prints arrives too',
    ['logs.query', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      await t.call(manager, { op: 'print', lines: [], plain: ['printed plainly'] });
      const entries = await readAtLeast(t, manager, 1);
      assert.ok(entries.some(({ message }) => message.includes('printed plainly')));
    },
  ),
  logs(
    'console-by-request',
    'What a function prints is found by the request id of its call: an entry for each print, with its level',
    ['logs.query', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      const printing = (of: string) =>
        manager.invoke('main', {
          op: 'print',
          lines: [],
          console: [
            { level: 'info', message: `printed by ${of}\n  in two lines` },
            { level: 'warn', message: `careful, ${of}` },
            { level: 'error', message: `wrong, ${of}` },
          ],
        });
      const [{ requestId }] = await Promise.all([printing('one'), printing('another')]);
      const entries = await readAtLeast(t, manager, 3, { requestId });
      const found = entries.map(({ level, message }) => `${level}: ${message.trimEnd()}`);
      // What goes to the standard output and what to the standard error may be told in any order.
      assert.deepEqual(found.toSorted(), [
        'error: wrong, one',
        'info: printed by one\n  in two lines',
        'warn: careful, one',
      ]);
    },
  ),
  logs(
    'last-words',
    'What a function prints right before it ends its process is found by the request id of the call',
    ['logs.query', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      const exit = { op: 'exit', code: 3, lastWords: 'printed last' };
      const { details } = await t.refused(() => manager.invoke('main', exit), {
        code: 'FUNCTION_FAILED',
      });
      const requestId = details?.['requestId'];
      assert.ok(typeof requestId === 'string');
      await t.until('the last words are found', async () =>
        (await read(manager, { requestId })).some(({ message }) =>
          message.startsWith('printed last'),
        ),
      );
    },
  ),
  logs(
    'failed-call',
    'What a handler throws is in the log, as an error',
    ['logs.query', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      await t.refused(() => manager.invoke('main', { op: 'throw', message: 'no such order' }), {
        code: 'FUNCTION_FAILED',
      });
      const entries = await readAtLeast(t, manager, 1, { minLevel: 'error' });
      assert.ok(entries.some((entry) => JSON.stringify(entry).includes('no such order')));
    },
  ),
  logs(
    'failed-by-request',
    'The request id that the error of a call carries finds what its handler threw',
    ['logs.query', 'invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      const failing = (message: string) =>
        t.refused(() => manager.invoke('main', { op: 'throw', message }), {
          code: 'FUNCTION_FAILED',
        });
      const { details } = await failing('no such order');
      await failing('another one');
      const requestId = details?.['requestId'];
      assert.ok(typeof requestId === 'string');
      const entries = await readAtLeast(t, manager, 1, { requestId, minLevel: 'error' });
      assert.ok(entries.some((entry) => JSON.stringify(entry).includes('no such order')));
      assert.ok(!entries.some((entry) => JSON.stringify(entry).includes('another one')));
      for (const entry of entries) assert.equal(entry.requestId, requestId);
    },
  ),
  logs(
    'timed-out-by-request',
    'The request id of a call that took too long finds what it logged, and that it was ended',
    ['logs.query', 'invoke.sync', 'instance.timeout'],
    async (t) => {
      const deployed = await t.deployed({ timeoutSeconds: 1 });
      await foundAfter(t, deployed, { next: { op: 'never' }, code: 'TIMEOUT', isTold: true });
    },
  ),
  logs(
    'looped-by-request',
    'The request id of a call that looped for ever finds what it logged, and that it was ended',
    ['logs.query', 'invoke.sync', 'instance.timeout'],
    async (t) => {
      const deployed = await t.deployed({ timeoutSeconds: 1 });
      const next = { op: 'spin' };
      await foundAfter(t, deployed, { next, code: 'TIMEOUT', isTold: true, patienceMs: 60_000 });
    },
  ),
  logs(
    'exited-by-request',
    'The request id of a call that ended its process finds what it logged, and that it did',
    ['logs.query', 'invoke.sync'],
    async (t) => {
      const next = { op: 'exit', code: 3 };
      await foundAfter(t, await t.deployed(), { next, code: 'FUNCTION_FAILED', isTold: true });
    },
  ),
  logs(
    'out-of-memory-by-request',
    'The request id of a call that ran out of memory finds what it logged',
    ['logs.query', 'invoke.sync', 'instance.memoryLimit'],
    async (t) => {
      const memoryMb = Math.max(128, t.capabilities.limits.memoryMb.min);
      const deployed = await t.deployed({ memoryMb });
      const next = { op: 'allocate', megabytes: memoryMb * 3 };
      // Some platforms tell whose memory ran out, and not in which call.
      await foundAfter(t, deployed, { next, code: 'FUNCTION_FAILED', isTold: false });
    },
  ),
  logs(
    'failed-page',
    'What a page throws is in the log, where its visitor does not see it',
    ['logs.query', 'event.http'],
    async (t) => {
      const { manager } = await t.deployed({ events: [{ type: 'http' }] });
      const { text } = await t.fetch(manager, '/throw');
      assert.ok(!text.includes('a detail'), text);
      const entries = await readAtLeast(t, manager, 1, { minLevel: 'error' });
      assert.ok(entries.some((entry) => JSON.stringify(entry).includes('a detail that callers')));
    },
  ),
  logs(
    'failed-delivery',
    'What a handler throws at a message is in the log, for nobody is told',
    ['logs.query', 'event.queue'],
    async (t) => {
      const queue = t.name('q');
      const { manager } = await t.deployed({ events: [{ type: 'queue', queue, create: true }] });
      t.script('queue', [{ fail: 'no room for it' }]);
      await t.subject.emit({ kind: 'queue', queue, messages: [{ data: 'poison' }] });
      const entries = await readAtLeast(t, manager, 1, { minLevel: 'warn' });
      assert.ok(entries.some((entry) => JSON.stringify(entry).includes('no room for it')));
    },
  ),
  logs(
    'by-level',
    'Only lines of the level and above are delivered',
    ['logs.query', 'invoke.sync'],
    async (t) => {
      const { manager, requestId } = await printed(t);
      await readAtLeast(t, manager, 4, { requestId });
      const warnings = await read(manager, { requestId, minLevel: 'warn' });
      assert.deepEqual(
        warnings.map(({ message }) => message),
        ['two', 'three'],
      );
      const errors = await read(manager, { requestId, minLevel: 'error' });
      assert.deepEqual(
        errors.map(({ message }) => message),
        ['three'],
      );
    },
  ),
  logs(
    'by-request',
    'Only the lines of one request are delivered when asked',
    ['logs.query', 'invoke.sync'],
    async (t) => {
      const { manager, requestId } = await printed(t);
      await manager.invoke('main', { op: 'print', lines: [line('info', 'another')] });
      await readAtLeast(t, manager, 5);
      const entries = await read(manager, { requestId });
      assert.ok(entries.length >= 4);
      assert.ok(!entries.some(({ message }) => message === 'another'));
    },
  ),
  logs(
    'limit-and-cursor',
    'A limit ends the list, and the cursor goes on behind it',
    ['logs.query', 'invoke.sync'],
    async (t) => {
      const { manager, requestId } = await printed(t);
      const all = await readAtLeast(t, manager, 4, { requestId });
      const first = await read(manager, { requestId, limit: 3 });
      assert.equal(first.length, 3);
      const cursor = first.at(-1)?.cursor;
      assert.ok(cursor);
      const rest = await read(manager, { requestId, cursor });
      assert.deepEqual(
        [...first, ...rest].map(({ message }) => message),
        all.map(({ message }) => message),
      );
    },
  ),
  logs(
    'follow',
    'Following waits for lines that come later, and ends when told to',
    ['logs.query', 'invoke.sync'],
    async (t) => {
      const { manager, requestId } = await printed(t);
      await readAtLeast(t, manager, 4, { requestId });
      const controller = new AbortController();
      const seen: string[] = [];
      const following = begun(
        (async () => {
          const options = { last: '1h', follow: true, signal: controller.signal } as const;
          for await (const { message } of manager.logs('main', options)) {
            seen.push(message);
            // While it is read: what polls on a simulated clock would move that on under the hands of the call.
            if (message === 'four') {
              await manager.invoke('main', { op: 'print', lines: [line('info', 'later')] });
            }
            if (message === 'later') controller.abort();
          }
        })().catch((error: unknown) =>
          t.refused(() => Promise.reject(error), { code: 'CANCELLED' }),
        ),
      );
      await t.drive(following);
      assert.ok(seen.includes('later'));
    },
  ),
  logs(
    'empty',
    'A function that logged nothing of its own has no lines of the error level',
    ['logs.query'],
    async (t) => {
      const { manager } = await t.deployed();
      assert.deepEqual(await read(manager, { minLevel: 'error' }), []);
    },
  ),
  logs(
    'bad-options',
    'A limit, cursor or time that is none is refused',
    ['logs.query'],
    async (t) => {
      const { manager } = await t.deployed();
      for (const options of [
        { limit: 0 },
        { limit: -1 },
        { limit: 10_001 },
        { cursor: 'not a cursor' },
      ]) {
        await t.refused(() => read(manager, options), { code: 'INVALID_ARGUMENT' });
      }
      const from = new Date(t.subject.clock.now() + 86_400_000);
      const later = async (): Promise<void> => {
        for await (const { message } of manager.logs('main', { from })) assert.fail(message);
      };
      const error = await t.refused(later, {
        code: 'INVALID_ARGUMENT',
        says: ['from', from.toISOString()],
      });
      assert.ok(!error.message.includes('`to`'), 'what was not given is not told of');
    },
  ),
];
