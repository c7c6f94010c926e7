/** Log entries, from the wire of CloudWatch Logs. */
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../../providers/aws/logs/cursor.ts';
import { decodeLine } from '../../../providers/aws/logs/decode-line.ts';
import { readLogs } from '../../../providers/aws/logs/index.ts';
import { fixtureSource } from '../../../src/contract/fixture.ts';
import type { JsonValue, LogEntry, LogsQuery } from '../../../src/spi/index.ts';
import { GROUP, NAME, Platform } from '../aws-shim/platform.ts';

const FOUR = [
  { level: 'info', message: 'one' },
  { level: 'warn', message: 'two' },
  { level: 'error', message: 'three' },
  { level: 'info', message: 'four' },
];

function query(platform: Platform, change: Partial<LogsQuery> = {}): LogsQuery {
  const now = platform.clock.now();
  return {
    from: new Date(now - 3_600_000).toISOString(),
    to: new Date(now + 60_000).toISOString(),
    limit: 1_000,
    follow: false,
    ...change,
  };
}

async function read(
  platform: Platform,
  change: Partial<LogsQuery> = {},
): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  const found = readLogs(platform.aws, NAME, query(platform, change), platform.call());
  for await (const entry of found) entries.push(entry);
  return entries;
}

async function printed(logFormat: 'Text' | 'JSON' = 'Text', timeoutSeconds = 5): Promise<Platform> {
  const platform = await Platform.start(fixtureSource(), { logFormat, timeoutSeconds });
  await platform.invoke({
    op: 'print',
    lines: FOUR.map((line) => ({ ...line, fields: { order: 7, tags: ['a', 'ü'] } })),
    plain: ['printed plainly'],
  });
  await platform.advance(30_000);
  return platform;
}

describe.each(['Text', 'JSON'] as const)('a log in the format %s', (logFormat) => {
  it('gives entries in order, with request, version, level and fields', async () => {
    await using platform = await printed(logFormat);
    const entries = await read(platform, { requestId: 'request-1' });
    // What is printed carries only Lambda's id; other lines tell that it is the same call.
    const plain = { level: 'info', message: 'printed plainly' };
    expect(entries.map(({ level, message }) => ({ level, message }))).toEqual([...FOUR, plain]);
    expect(new Set(entries.map(({ requestId }) => requestId))).toEqual(new Set(['request-1']));
    for (const entry of entries.slice(0, 4)) {
      expect(entry).toMatchObject({
        requestId: 'request-1',
        version: '1',
        fields: { order: 7, tags: ['a', 'ü'] },
      });
    }
  });

  it('gives what was printed, and nothing of Lambda’s own', async () => {
    await using platform = await printed(logFormat);
    const messages = (await read(platform)).map(({ message }) => message);
    expect(messages).toEqual(['one', 'two', 'three', 'four', 'printed plainly']);
  });

  it('gives an error without the line that it travels by', async () => {
    await using platform = await Platform.start(fixtureSource(), { logFormat });
    await platform.invoke({ op: 'throw', message: 'no such order' }).catch(() => undefined);
    await platform.advance(30_000);
    const [entry] = await read(platform, { minLevel: 'error' });
    expect(entry?.message).toContain('no such order');
    expect(JSON.stringify(entry)).not.toContain('data:application');
  });

  it('says nothing of warm-ups and looks', async () => {
    await using platform = await Platform.start(fixtureSource(), { logFormat });
    const ref = { app: 'shop', stage: 'test', name: 'orders' };
    await platform.invoker.verify({ ref, physicalName: NAME }, '1', true, platform.call());
    await platform.invoker.warm(ref, 1, platform.call());
    await platform.advance(30_000);
    expect(await read(platform)).toEqual([]);
  });
});

describe('of a call that prints, and logs nothing', () => {
  const prints = (text: string): JsonValue => ({ op: 'print', lines: [], plain: [text] });
  const found = async (platform: Platform): Promise<readonly string[]> => {
    await platform.advance(30_000);
    return (await read(platform, { requestId: 'request-1' })).map(({ message }) => message);
  };

  it('the id finds what it printed, in another process than the one that called', async () => {
    await using platform = await Platform.start(fixtureSource());
    await platform.invoke(prints('printed'));
    expect(await found(platform)).toEqual(['printed']);
  });

  it.each(['debug', 'info', 'warn', 'error', 'trace', 'fatal'])(
    'the id finds what it printed by console.%s',
    async (method) => {
      await using platform = await Platform.start(
        `export default { invoke: () => console.${method}('printed') };`,
      );
      await platform.invoke(null);
      expect(await found(platform)).toEqual([expect.stringContaining('printed')]);
    },
  );

  it('the id finds nothing of the call after it on the same instance', async () => {
    await using platform = await Platform.start(fixtureSource());
    await platform.invoke({ op: 'variant' });
    await platform.deliver(prints('printed by another'));
    expect(await found(platform)).toEqual([]);
    expect((await read(platform)).map(({ message }) => message)).toEqual(['printed by another']);
  });
});

describe('of a call that is followed by what another one left', () => {
  it('the id finds it, and that of the other does not', async () => {
    await using platform = await Platform.start(`
      let late = () => {};
      export default {
        invoke({ says }, { log }) {
          late();
          late = () => log.info('late');
          console.log(says);
          if (says === 'second') throw new Error('no such order');
        },
      };`);
    await platform.invoke({ says: 'first' });
    const second = { requestId: 'request-2' };
    await platform.invoke({ says: 'second' }, second).catch(() => undefined);
    await platform.advance(30_000);
    const found = async (requestId: string) =>
      (await read(platform, { requestId })).map(({ message }) => message.split('\n')[0]);
    expect(await found('request-1')).toEqual(['first', 'late']);
    expect(await found('request-2')).toEqual(['second', expect.stringContaining('no such order')]);
  });
});

describe.each(['Text', 'JSON'] as const)('of a call that failed, in the format %s', (logFormat) => {
  const failing = async (input: JsonValue, timeoutSeconds = 5) => {
    const platform = await Platform.start(fixtureSource(), { logFormat, timeoutSeconds });
    // At the pace of the instance, which has a clock of its own.
    const ticking = setInterval(() => void platform.clock.advance(50), 50);
    await platform.invoke(input).catch(() => undefined);
    clearInterval(ticking);
    await platform.advance(30_000);
    return platform;
  };
  const errors = async (platform: Platform, known: readonly string[] = []) => {
    const found = readLogs(
      platform.aws,
      NAME,
      query(platform, { requestId: 'request-1', minLevel: 'error' }),
      platform.call(),
      () => known,
    );
    const entries: { requestId: string | undefined; message: string }[] = [];
    for await (const { requestId, message } of found) entries.push({ requestId, message });
    return entries;
  };

  it('the id of the call finds what was thrown', async () => {
    await using platform = await failing({ op: 'throw', message: 'no such order' });
    const requestId = 'request-1';
    const message: unknown = expect.stringContaining('no such order');
    expect(await errors(platform)).toEqual([{ requestId, message }]);
  });

  it.each([
    ['a handler that never settles', { op: 'never' }, /timed out/, 1],
    ['a process that ended', { op: 'exit', code: 3 }, /exit/i, 60],
  ])('the id of the call finds %s', async (_what, input, pattern, timeoutSeconds) => {
    await using platform = await failing(input, timeoutSeconds);
    const requestId = 'request-1';
    const message: unknown = expect.stringMatching(pattern);
    expect(await errors(platform)).toContainEqual({ requestId, message });
  });

  it.each([
    ['a loop without an end', { op: 'spin' }, /timed out/, 1],
    ['want of memory', { op: 'allocate', megabytes: 1000 }, /killed|exit/i, 60],
  ])('the process that called finds %s, which left no line', async (...row) => {
    const [, input, pattern, timeoutSeconds] = row;
    await using platform = await failing(input, timeoutSeconds);
    const requestId = 'request-1';
    const message: unknown = expect.stringMatching(pattern);
    const known = platform.failed.map(([, id]) => id);
    expect(await errors(platform, known)).toContainEqual({ requestId, message });
  });
});

describe('reading', () => {
  it('finds the lines of a request by Lambda’s id too', async () => {
    await using platform = await printed();
    const console = (await read(platform)).find(({ message }) => message === 'printed plainly');
    const entries = await read(platform, { requestId: console?.requestId ?? '' });
    expect(entries.map(({ message }) => message)).toContain('two');
    expect(entries).toHaveLength(5);
  });

  it('leaves out what is less grave', async () => {
    await using platform = await printed();
    const entries = await read(platform, { minLevel: 'warn' });
    expect(entries.map(({ message }) => message)).toEqual(['two', 'three']);
  });

  it('goes on behind a cursor', async () => {
    await using platform = await printed();
    const all = await read(platform);
    const first = await read(platform, { limit: 3 });
    const cursor = first.at(-1)?.cursor ?? '';
    const rest = await read(platform, { cursor });
    expect([...first, ...rest]).toEqual(all);
    expect(first).toHaveLength(3);
  });

  it('of a group that is not there finds nothing', async () => {
    await using platform = await Platform.start(fixtureSource());
    await (await platform.aws.logs()).deleteLogGroup({ logGroupName: GROUP });
    expect(await read(platform)).toEqual([]);
  });

  it('waits for what comes later, and gives each entry once', async () => {
    // Whoever follows moves the clock on while the function runs.
    await using platform = await printed('Text', 900);
    const controller = new AbortController();
    const all = await read(platform);
    const following = query(platform, { follow: true, cursor: all[1]?.cursor });
    const seen: string[] = [];
    const call = platform.call(controller.signal);
    const done = (async () => {
      for await (const { message } of readLogs(platform.aws, NAME, following, call)) {
        seen.push(message);
        if (message === 'later') controller.abort();
      }
    })();
    await platform.invoke({ op: 'print', lines: [{ level: 'info', message: 'later' }] });
    await expect(done).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toEqual(['three', 'four', 'printed plainly', 'later']);
  });
});

describe('a cursor', () => {
  it('comes back as it was', () => {
    const position = { timestamp: 1_767_225_600_000, eventId: '3786:ü' };
    expect(decodeCursor(encodeCursor(position))).toEqual(position);
  });

  it.each(['not a cursor', '', 'bG9nOjEyMw', Buffer.from('log:x:y').toString('base64url')])(
    'that is none is refused: %s',
    (cursor) => {
      expect(() => decodeCursor(cursor)).toThrow(/not a cursor/);
    },
  );
});

describe('a line', () => {
  it.each([
    'START RequestId: 8f5 Version: 7',
    'END RequestId: 8f5',
    'REPORT RequestId: 8f5\tDuration: 1.00 ms\t',
    // Behind the line that says how it ended.
    'Runtime.ExitError',
    'INIT_START Runtime Version: nodejs:24.v1\tRuntime Version ARN: arn:aws:lambda:x',
    '{"time":"2026-01-01T00:00:00Z","type":"platform.report","record":{}}',
  ])('of Lambda’s own is no entry: %s', (line) => {
    expect(decodeLine(line)).toBeUndefined();
  });

  it.each([
    ['plain text', { level: 'info', message: 'plain text' }],
    ['{"a":1}', { level: 'info', message: '{"a":1}' }],
    ['{broken', { level: 'info', message: '{broken' }],
    [
      '2026-01-01T00:00:00.000Z\t8f5-1\tWARN\ttwo\r  lines',
      { level: 'warn', message: 'two\n  lines', requestId: '8f5-1' },
    ],
    [
      '2026-01-01T00:00:00.000Z 8f5-1 Task timed out after 3.00 seconds\n\n',
      { level: 'error', message: 'Task timed out after 3.00 seconds', requestId: '8f5-1' },
    ],
    [
      '{"timestamp":"t","level":"FATAL","requestId":"8f5","message":{"a":[1]}}',
      { level: 'error', message: '{"a":[1]}', requestId: '8f5' },
    ],
    [
      '{"level":"INFO","message":"from powertools","service":"shop","sampling":true}',
      {
        level: 'info',
        message: 'from powertools',
        fields: { service: 'shop', sampling: true },
      },
    ],
    [
      '{"level":"ERROR","requestId":"8f5","message":{"errorType":"TypeError","errorMessage":"no","stackTrace":["TypeError: no","    at x","    at polyfaas (data:application/json;base64,e30=)"]}}',
      {
        level: 'error',
        message: 'TypeError: no',
        requestId: '8f5',
        fields: {
          errorType: 'TypeError',
          errorMessage: 'no',
          stackTrace: ['TypeError: no', '    at x'],
        },
      },
    ],
  ])('says what it says: %s', (line, expected) => {
    expect(decodeLine(line)).toEqual(expected);
  });
});
