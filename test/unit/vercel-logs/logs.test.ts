import { describe, expect, it } from 'vitest';
import { readLogs } from '../../../providers/vercel/logs/index.ts';
import { messages, NOW, observed, own, Platform, REF } from './platform.ts';

const HOUR_MS = 3_600_000;

describe('logs of a window', () => {
  it('are of all kept deployments, oldest first, and open no stream', async () => {
    const platform = new Platform();
    platform.past(
      { timeMs: NOW - 3000, texts: [own('a', { seq: 1 }), own('b', { seq: 2 })] },
      {
        timeMs: NOW - 5000,
        texts: ['printed\nin two lines\n'],
        level: 'error',
        deploymentId: 'dpl_2',
      },
      { timeMs: NOW - 2000, texts: [own('c', { level: 'warn', fields: { n: 1 } })] },
      { timeMs: NOW - 1000, texts: ['{"polyfaas":"call","requestId":"r1"}', ''] },
      { timeMs: NOW - 7_200_000, texts: ['old'] },
      { timeMs: NOW - 900, texts: [] },
      { timeMs: NOW - 800, texts: ["another's"], deploymentId: 'dpl_9' },
    );
    expect(await platform.read()).toMatchObject([
      { level: 'error', message: 'printed\nin two lines', time: '2026-01-02T03:59:55.000Z' },
      { level: 'info', message: 'a', requestId: 'r1', version: 'v1' },
      { level: 'info', message: 'b' },
      { level: 'warn', message: 'c', fields: { n: 1 } },
    ]);
    expect([platform.opened, platform.asked.length]).toEqual([0, 1]);
  });

  it('are of several lines in one print, too', async () => {
    const platform = new Platform();
    platform.past({ timeMs: NOW - 1000, texts: [`plain\n${own('own')}\n{"polyfaas":"call"}\n`] });
    expect(messages(await platform.read())).toEqual(['plain', 'own']);
  });

  it('can be asked for by request and level', async () => {
    const platform = new Platform();
    platform.past({ timeMs: NOW - 3, texts: [own('a'), own('b', { level: 'error' }), 'c'] });
    expect(messages(await platform.read({ requestId: 'r1' }))).toEqual(['a', 'b']);
    expect(messages(await platform.read({ minLevel: 'warn' }))).toEqual(['b']);
  });

  it('end at a limit, and go on behind the cursor', async () => {
    const platform = new Platform();
    const texts = [own('b'), own('c')];
    platform.past({ timeMs: NOW - 3, texts: ['a'] }, { timeMs: NOW - 2, texts });
    platform.past({ timeMs: NOW - 1, texts: ['d'] });
    const first = await platform.read({ limit: 2 });
    expect(messages(first)).toEqual(['a', 'b']);
    const cursor = first.at(-1)?.cursor;
    expect(messages(await platform.read({ cursor }))).toEqual(['c', 'd']);
    const gone = new Platform();
    gone.past({ timeMs: NOW - 1, texts: ['d'] });
    expect(messages(await gone.read({ cursor }))).toEqual(['d']);
    await expect(platform.read({ cursor: 'not a cursor' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('have what moves to the next page meanwhile once', async () => {
    const platform = new Platform();
    for (let at = 0; at < 60; at += 1) {
      platform.past({ timeMs: NOW - 60_000 + at, texts: [`line ${at}`] });
    }
    platform.onPage = () => {
      platform.past({ timeMs: NOW - 30_000, texts: [] });
    };
    expect(await platform.read()).toHaveLength(60);
  });

  it('of many requests are read in parts, and are all there', async () => {
    const platform = new Platform();
    const count = 4_000;
    for (let at = 0; at < count; at += 1) {
      platform.past({ timeMs: NOW - HOUR_MS + at * 900, texts: [`line ${at}`] });
    }
    const expected = Array.from({ length: count }, (_none, at) => `line ${at}`);
    expect(messages(await platform.read())).toEqual(expected);
    expect(Math.max(...platform.asked.map(({ page }) => page))).toBeLessThan(20);
    // What is read in vain is not much more than what is told.
    expect(platform.asked.length).toBeLessThan((3 * count) / 50);
    platform.asked.length = 0;
    expect(messages(await platform.read({ limit: 10 }))).toEqual(expected.slice(0, 10));
    expect(platform.asked.length).toBeLessThan(40);
  });

  it('of many requests in one second are read whole', async () => {
    const platform = new Platform();
    for (let at = 0; at < 1_500; at += 1) {
      platform.past({ timeMs: NOW - 600_000 + (at % 3), texts: [`line ${at}`] });
    }
    expect(new Set(messages(await platform.read())).size).toBe(1_500);
  });

  it.each([
    [403, 'forbidden', 'PERMISSION_DENIED', /may not read them.*scope/],
    [404, 'not_found', 'UNSUPPORTED', /vercel logs/],
  ])('that Vercel answers %i are no empty log', async (status, code, expected, message) => {
    const platform = new Platform();
    platform.refusal = { status, code };
    const refused = { code: expected, message: expect.stringMatching(message) };
    await expect(platform.read()).rejects.toMatchObject(refused);
    await expect(platform.follow(60_000)).rejects.toMatchObject(refused);
    expect(platform.open).toBe(0);
  });

  it('are none of what is not deployed', async () => {
    const gone = { ...observed, description: undefined };
    const platform = new Platform();
    const query = {
      from: '2026-01-02T03:00:00Z',
      to: '2026-01-02T04:00:00Z',
      limit: 1,
      follow: false,
    };
    const reading = readLogs(platform.vercel, REF, gone, query, platform.context());
    await expect(reading.next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
