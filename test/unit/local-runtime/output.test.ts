import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LineLimiter,
  LineSplitter,
  MAX_LINE_CHARACTERS,
} from '../../../providers/local/runtime/output-lines.ts';
import { ISOLATIONS, until, useHarness } from './harness.ts';

const harness = useHarness();

describe.each(ISOLATIONS)('output of an instance in a %s', (isolation) => {
  it('comes by prints and lines, before the answer, with the request that wrote it', async () => {
    const pool = harness.pool(
      `invoke: (input, { log }) => {
        console.log('one\\ntwo'); process.stdout.write('thr'); process.stdout.write(Buffer.from('ee\\n'));
        process.stdout.write('begun '); console.error('bad'); console.warn('well'); process.stderr.write('raw\\n'); log.warn('careful', { id: 7 }); process.stdout.write('no end');
      }`,
      { before: `console.log('loading');`, settings: { isolation } },
    );
    const { instanceId } = await pool.invoke();
    const requestId = expect.stringMatching(/^request-/);
    expect(pool.logs.map(({ level, message }) => [level, message])).toEqual([
      ['info', 'loading'],
      ['info', 'one\ntwo'],
      ['info', 'three'],
      ['info', 'begun '],
      ['error', 'bad'],
      ['warn', 'well'],
      ['error', 'raw'],
      ['warn', 'careful'],
      ['info', 'no end'],
    ]);
    expect(pool.logs[1]).toEqual({
      timeMs: expect.any(Number),
      level: 'info',
      message: 'one\ntwo',
      requestId,
      instanceId,
    });
    expect(pool.logs[7]).toMatchObject({ fields: { id: 7 }, requestId, instanceId });
    expect(pool.logs[0]).not.toHaveProperty('requestId');
  });

  it('is whole where a print has many lines', async () => {
    const pool = harness.pool(
      `invoke: (lines) => { console.log(Array.from({ length: lines }, (_, index) => 'line ' + index).join('\\n')); }`,
      { settings: { isolation } },
    );
    await pool.invoke(10_000);
    const messages = pool.logs.map(({ message }) => message);
    expect(messages.length).toBeLessThan(10);
    const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}`);
    expect(messages.join('\n').split('\n')).toEqual(lines);
  });

  it('is shown by a debugger, too', async () => {
    const pool = harness.pool(
      `invoke: async () => {
        const session = new Session();
        session.connect();
        const shown = [];
        session.on('Runtime.consoleAPICalled', ({ params }) => shown.push([params.type, params.args[0].value]));
        session.post('Runtime.enable');
        console.log('said'); console.warn('careful');
        session.disconnect();
        return shown;
      }`,
      { before: `import { Session } from 'node:inspector';`, settings: { isolation } },
    );
    const { output } = await pool.invoke();
    expect(output).toEqual([
      ['info', 'said'],
      ['warning', 'careful'],
    ]);
  });

  it('is bounded: long lines are cut, and a flood is counted', async () => {
    const pool = harness.pool(
      `invoke: (input) => {
        console.log('x'.repeat(1_000_000));
        for (let index = 0; index < 20_000; index += 1) console.log('line ' + index);
      }`,
      { settings: { isolation } },
    );
    await pool.invoke();
    const [long] = pool.logs;
    expect(long?.message.length).toBeLessThan(MAX_LINE_CHARACTERS + 100);
    expect(long?.message).toContain('cut: 1000000 characters');
    const dropped = pool.logs.reduce(
      (sum, entry) => sum + Number(entry.fields?.['dropped'] ?? 0),
      0,
    );
    const lines = pool.logs.filter((entry) => entry.message.startsWith('line '));
    expect(dropped + lines.length).toBe(20_000);
    expect(dropped).toBeGreaterThan(0);
    expect(pool.logs.find((entry) => entry.fields?.['dropped'])?.message).toContain('were dropped');
  });

  it('arrives although the instance ends', async () => {
    const pool = harness.pool(`invoke: () => { console.log('last words'); process.exit(1); }`, {
      settings: { isolation },
    });
    await pool.failure();
    await until(() => pool.logs.length > 0);
    expect(pool.logs[0]?.message).toBe('last words');
  });

  it('keeps a log line whose fields are no JSON', async () => {
    const pool = harness.pool(
      `invoke: (input, { log }) => { const a = {}; a.a = a; log.info('circle', a); }`,
      { settings: { isolation } },
    );
    await pool.invoke();
    expect(pool.logs).toHaveLength(1);
    expect(pool.logs[0]).toMatchObject({ message: 'circle' });
  });

  it('keeps an error whatever is logged beside it', async () => {
    const pool = harness.pool(
      `invoke: (input, { log }) => {
        const error = new TypeError('why');
        const table = Array.from({ length: 5_000 }, (_, id) => ({ id, text: 't'.repeat(300) }));
        log.error('with JSON', { table, error: { message: error.message, stack: error.stack } });
        log.error('with a server', { server: createServer(), process, table: table.map((row) => ({ ...row, at: new Date() })), error });
      }`,
      { before: `import { createServer } from 'node:http';`, settings: { isolation } },
    );
    await pool.invoke();
    expect(pool.logs.map(({ message }) => message)).toEqual(['with JSON', 'with a server']);
    const error = { message: 'why', stack: expect.stringContaining('TypeError: why\n') };
    for (const { fields } of pool.logs) expect(fields).toMatchObject({ error });
  });
});

describe('output that passes by the capture', () => {
  it('is taken from the pipes of a process', async () => {
    const pool = harness.pool(
      `invoke: () => { writeSync(1, 'raw\\n'); writeSync(2, 'worse\\n'); }`,
      {
        before: `import { writeSync } from 'node:fs';`,
        settings: { isolation: 'process' },
      },
    );
    await pool.invoke();
    await until(() => pool.logs.length === 2);
    const lines = new Map(pool.logs.map(({ level, message }) => [level, message]));
    expect(lines).toEqual(
      new Map([
        ['info', 'raw'],
        ['error', 'worse'],
      ]),
    );
  });
});

describe('LineSplitter', () => {
  it('gives the same lines however the text is cut up', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'é', '🚀', '\n') }),
        fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
        (text, sizes) => {
          const bytes = new TextEncoder().encode(text);
          const lines: string[] = [];
          const splitter = new LineSplitter((line) => lines.push(line));
          for (let from = 0; from < bytes.length;) {
            const size = sizes.next().value ?? 1;
            splitter.write(bytes.subarray(from, from + size));
            from += size;
          }
          splitter.flush();
          const expected = text.split('\n');
          if (expected.at(-1) === '') expected.pop();
          expect(lines).toEqual(expected);
        },
      ),
    );
  });
});

describe('LineLimiter', () => {
  it('loses count of nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ stepMs: fc.nat(50), characters: fc.nat(60_000) })),
        (writes) => {
          let now = 0;
          let reported = 0;
          let admitted = 0;
          const limiter = new LineLimiter(
            (dropped) => {
              reported += dropped;
            },
            () => now,
          );
          for (const { stepMs, characters } of writes) {
            now += stepMs;
            if (limiter.admit(characters)) admitted += 1;
          }
          limiter.flush();
          expect(admitted + reported).toBe(writes.length);
        },
      ),
    );
  });
});
