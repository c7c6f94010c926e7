/** What stands in the log after a call. */
import { describe, expect, it } from 'vitest';
import { GROUP, Lab, START, version } from './world.ts';

const PRINT = `export const handler = async ({ lines, raw }) => {
  for (const line of lines ?? []) console.log(line);
  if (raw) process.stdout.write(raw);
};`;

describe('the log in text form', () => {
  it('holds the lines of a call between START and REPORT', async () => {
    await using lab = new Lab();
    await lab.call(
      await version(PRINT),
      { lines: ['first', 'second\nline'], raw: 'no end' },
      { requestId: 'request-1' },
    );
    const [init, start, first, second, raw, end, report, ...rest] = lab.small.messages;
    expect(init).toMatch(/^INIT_START Runtime Version: nodejs:24/);
    expect(start).toBe('START RequestId: request-1 Version: 7');
    expect(first).toMatch(/^\d{4}-\S+Z\trequest-1\tINFO\tfirst$/);
    expect(second).toMatch(/\tINFO\tsecond\nline$/);
    expect(raw).toBe('no end');
    expect(end).toBe('END RequestId: request-1');
    expect(report).toMatch(
      /^REPORT RequestId: request-1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t$/,
    );
    expect(rest).toEqual([]);
    expect(new Set(lab.small.logs.map(({ group, at }) => `${group} ${at}`))).toEqual(
      new Set([`${GROUP} ${START}`]),
    );
  });

  it('reports a start only for the call that waited for it', async () => {
    await using lab = new Lab();
    const config = await version(PRINT);
    await lab.call(config);
    await lab.call(config);
    const reports = lab.small.messages.filter((line) => line.startsWith('REPORT'));
    expect(reports.map((line) => line.includes('Init Duration'))).toEqual([true, false]);
  });

  it('has the lines of a call that is in a loop, and of one that exits', async () => {
    await using lab = new Lab();
    const config = await version(
      `export const handler = async () => { console.log('before the end'); process.exit(1); };`,
    );
    const { logTail } = await lab.call(config, {}, { wantTail: true });
    expect(logTail).toMatch(/START[^]*before the end[^]*END[^]*REPORT/);
  });

  it('takes a megabyte in pieces of 256 KB', async () => {
    await using lab = new Lab();
    const text = 'ü'.repeat(524_288);
    await lab.call(await version(PRINT), { raw: text });
    const parts = lab.small.messages.filter((line) => line.startsWith('ü'));
    expect(parts.join('')).toBe(text);
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(262_118);
  });

  it('gives the last 4 KB when asked, and nothing else', async () => {
    await using lab = new Lab();
    const config = await version(PRINT);
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index} ${'ü'.repeat(50)}`);
    const { logTail } = await lab.call(config, { lines }, { wantTail: true });
    expect(Buffer.byteLength(logTail ?? '')).toBeLessThanOrEqual(4096);
    expect(logTail).toContain('line 99');
    expect(logTail).not.toContain('line 0 ');
    expect(logTail).toMatch(/\nREPORT [^\n]*\n$/);
    expect((await lab.call(config)).logTail).toBeUndefined();
  });

  it('keeps what writes past the console', async () => {
    await using lab = new Lab();
    await lab.call(
      await version(
        `import { writeSync } from 'node:fs';
         export const handler = async () => { writeSync(1, 'straight\\n'); console.error('aside'); };`,
      ),
    );
    expect(lab.small.messages).toContain('straight');
    expect(lab.small.messages.some((line) => line.endsWith('\tERROR\taside'))).toBe(true);
  });

  it.each(['logs:CreateLogStream', 'logs:PutLogEvents'])(
    'stays empty when the role may not %s',
    async (action) => {
      await using lab = new Lab();
      lab.small.denied.add(action);
      const outcome = await lab.call(await version(PRINT), {}, { wantTail: true });
      expect(lab.small.logs).toEqual([]);
      expect(outcome.logTail).toContain('REPORT');
    },
  );

  it('stays empty when there is no group', async () => {
    await using lab = new Lab();
    lab.small.groups.clear();
    await lab.call(await version(PRINT), { lines: ['lost'] });
    expect(lab.small.logs).toEqual([]);
  });
});

describe('the log in JSON form', () => {
  const parsed = (lab: Lab): readonly unknown[] =>
    lab.small.messages.map((line): unknown => JSON.parse(line));

  it('holds the records of the platform and of the console', async () => {
    await using lab = new Lab();
    const config = await version(PRINT, { logFormat: 'JSON' });
    await lab.call(config, { lines: ['hello'] }, { requestId: 'request-1' });
    expect(parsed(lab)).toMatchObject([
      { type: 'platform.initStart', record: { initializationType: 'on-demand', phase: 'init' } },
      { type: 'platform.initReport', record: { status: 'success', metrics: {} } },
      { type: 'platform.start', record: { requestId: 'request-1', version: '7' } },
      { level: 'INFO', requestId: 'request-1', message: 'hello' },
      {
        time: new Date(START).toISOString(),
        type: 'platform.report',
        record: {
          requestId: 'request-1',
          status: 'success',
          metrics: {
            durationMs: expect.any(Number),
            billedDurationMs: expect.any(Number),
            memorySizeMB: 256,
            maxMemoryUsedMB: expect.any(Number),
            initDurationMs: expect.any(Number),
          },
        },
      },
    ]);
  });

  it('reports a failure', async () => {
    await using lab = new Lab();
    const source = `export const handler = async () => { process.exit(3); };`;
    await lab.call(await version(source, { logFormat: 'JSON' }));
    expect(parsed(lab).at(-1)).toMatchObject({
      type: 'platform.report',
      record: { status: 'error', errorType: 'Runtime.ExitError' },
    });
  });

  it('leaves out what is below the chosen levels', async () => {
    await using lab = new Lab();
    const config = await version(PRINT, {
      logFormat: 'JSON',
      systemLogLevel: 'WARN',
      applicationLogLevel: 'WARN',
    });
    await lab.call(config, { lines: ['not a warning'] });
    expect(lab.small.messages).toEqual([]);
  });
});
