import { describe, expect, it } from 'vitest';
import type { Binding } from '../../../src/spi/index.ts';
import { bind, benches, events, messagesOf, recordsOf, ref } from './harness.ts';
import type { Bench } from './harness.ts';

const newBench = benches();
/** SQLite keeps it, and JavaScript cannot read it. */
const UNREADABLE_NUMBER = '9007199254740993';

function bound(more: Readonly<Record<string, Binding['event']>> = {}): Bench {
  const bench = newBench();
  const all = { broken: events.queue('broken'), sound: events.queue('sound'), ...more };
  for (const [name, event] of Object.entries(all))
    bench.platform.setBindings(ref(name), [bind('x', event)]);
  return bench;
}

const callsOf = (bench: Bench, name: string) =>
  bench.calls.filter((call) => call.ref.name === name);

describe('a binding whose next event cannot be taken', () => {
  it('is set aside aloud, tried again with growing pauses, and holds up no other', async () => {
    const bench = bound();
    const { sources } = bench.platform;
    const { id } = await sources.queue('broken').send('first');
    bench.store.db.exec(`UPDATE ev_messages SET attempts = ${UNREADABLE_NUMBER}`);
    const startMs = bench.clock.now();
    bench.platform.start();
    await sources.queue('sound').send('other');
    await bench.platform.settle();
    expect(callsOf(bench, 'sound').flatMap(messagesOf)).toMatchObject([{ data: 'other' }]);
    expect(bench.warnings).toEqual([
      {
        message: expect.stringContaining('queue:broken'),
        fields: expect.objectContaining({ function: 'broken', binding: 'x', retryAfterMs: 1_000 }),
      },
    ]);

    const pauses: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      const dueMs = bench.clock.nextAt ?? Infinity;
      pauses.push(dueMs - bench.clock.now());
      await bench.clock.advance(dueMs - bench.clock.now());
      await bench.platform.settle();
    }
    expect(pauses.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(pauses.at(-1)).toBe(5 * 60_000);
    expect(bench.warnings).toHaveLength(13);

    bench.store.db.exec('UPDATE ev_messages SET attempts = 0');
    await bench.clock.advance(5 * 60_000);
    await bench.platform.settle();
    expect(callsOf(bench, 'broken').flatMap(messagesOf)).toEqual([
      { id, data: 'first', attempt: 1 },
    ]);
    expect(bench.clock.now()).toBeGreaterThan(startMs);
    expect(bench.clock.pending).toBe(0);
  });

  it('is not tried before its pause is over, whatever is sent to it', async () => {
    const bench = bound();
    const { sources } = bench.platform;
    await sources.queue('broken').send(1);
    bench.store.db.exec(`UPDATE ev_messages SET attempts = ${UNREADABLE_NUMBER}`);
    bench.platform.start();
    await bench.platform.settle();
    for (let index = 0; index < 5; index += 1) await sources.queue('broken').send(index);
    await bench.platform.settle();
    expect(bench.warnings).toHaveLength(1);
  });
});

describe('a binding whose outcome cannot be written down', () => {
  const trigger = `CREATE TRIGGER refuse BEFORE DELETE ON ev_messages WHEN OLD.queue = 'broken'
    BEGIN SELECT RAISE(ABORT, 'not now'); END`;

  it('is set aside, makes no call twice, and holds up no other', async () => {
    const bench = bound();
    const { sources } = bench.platform;
    bench.store.db.exec(trigger);
    bench.platform.start();
    await sources.queue('broken').send(1);
    await bench.platform.settle();
    await sources.queue('broken').send(2);
    await sources.queue('sound').send('other');
    await bench.platform.settle();
    expect(callsOf(bench, 'sound')).toHaveLength(1);
    expect(await sources.queue('sound').depth()).toEqual({ waiting: 0, inFlight: 0 });
    expect(callsOf(bench, 'broken')).toHaveLength(1);
    expect(bench.warnings).toEqual([
      {
        message: expect.stringContaining('not now'),
        fields: expect.objectContaining({ function: 'broken', retryAfterMs: 1_000 }),
      },
    ]);

    await bench.clock.advance(1_000);
    await bench.platform.settle();
    expect(bench.warnings).toHaveLength(2);
    bench.store.db.exec('DROP TRIGGER refuse');
    await bench.clock.advance(2_000);
    await bench.platform.settle();
    expect(callsOf(bench, 'broken').flatMap(messagesOf)).toMatchObject([
      { data: 1, attempt: 1 },
      { data: 2, attempt: 1 },
    ]);
    expect(await sources.queue('broken').depth()).toEqual({ waiting: 0, inFlight: 0 });
    expect(bench.clock.pending).toBe(0);
  });

  it('stops in order, with the outcomes of others written down', async () => {
    const bench = bound();
    const { sources } = bench.platform;
    bench.store.db.exec(trigger);
    let end = (): void => {};
    bench.handle('sound', () => new Promise<void>((resolve) => (end = resolve)));
    bench.platform.start();
    await sources.queue('broken').send(1);
    await sources.queue('sound').send(1);
    await bench.clock.advance(0);
    const stopped = bench.platform.stop(5_000);
    end();
    await bench.clock.advance(5_000);
    await stopped;
    expect(await sources.queue('sound').depth()).toEqual({ waiting: 0, inFlight: 0 });
    bench.store.db.exec('DROP TRIGGER refuse');
    const after = await bench.restart();
    after.platform.start();
    await after.platform.settle();
    expect(callsOf(after, 'broken').flatMap(messagesOf)).toMatchObject([{ data: 1, attempt: 2 }]);
  });

  it('is forgotten with its binding', async () => {
    const bench = bound();
    bench.store.db.exec(trigger);
    bench.platform.start();
    await bench.platform.sources.queue('broken').send(1);
    await bench.platform.settle();
    bench.platform.forget(ref('broken'));
    await bench.clock.advance(1_000);
    await bench.platform.settle();
    expect(bench.clock.pending).toBe(0);
  });
});

describe('an event that cannot be decoded', () => {
  it('of a queue goes to the dead letter aloud, and the next ones are delivered', async () => {
    const bench = bound({ broken: events.queue('broken', { deadLetter: 'dead' }) });
    const { sources } = bench.platform;
    const { id } = await sources.queue('broken').send('first');
    await sources.queue('broken').send('second');
    bench.store.db.exec(`UPDATE ev_messages SET data = '{"cut' WHERE data = '"first"'`);
    bench.platform.start();
    await bench.platform.settle();
    expect(callsOf(bench, 'broken').flatMap(messagesOf)).toMatchObject([{ data: 'second' }]);
    expect(await sources.deadLetters('dead').list()).toEqual([
      expect.objectContaining({
        id,
        data: '{"cut',
        attempts: 0,
        lastError: expect.stringContaining('Unreadable'),
      }),
    ]);
    expect(bench.warnings).toHaveLength(1);
    // There is nowhere to send it back to.
    expect(await sources.deadLetters('dead').redrive()).toBe(0);
  });

  it('of a topic or an invocation is given up aloud, and the next ones are delivered', async () => {
    const bench = bound({ broken: events.topic('news', { deadLetter: 'dead' }) });
    const { sources } = bench.platform;
    await sources.topic('news').publish('first');
    const policy = { retry: events.retry, maxAgeSeconds: 3_600 };
    await bench.platform.invokeAsync(ref('sound'), 'first', 'request-1', policy);
    bench.store.db.exec(`UPDATE ev_deliveries SET event = '{"cut'`);
    await sources.topic('news').publish('second');
    await bench.platform.invokeAsync(ref('sound'), 'second', 'request-2', policy);
    bench.platform.start();
    await bench.platform.settle();
    expect(callsOf(bench, 'broken').map(({ event }) => event)).toMatchObject([{ data: 'second' }]);
    expect(callsOf(bench, 'sound').map(({ requestId }) => requestId)).toEqual(['request-2']);
    expect(await sources.deadLetters('dead').list()).toMatchObject([{ data: '{"cut' }]);
    expect(bench.warnings.map(({ fields }) => fields['function'])).toEqual(
      expect.arrayContaining(['broken', 'sound']),
    );
  });

  it('of a stream goes to the dead letter alone, in its turn', async () => {
    const bench = bound({ broken: events.stream('clicks', { deadLetter: 'dead' }) });
    const stream = bench.platform.sources.stream('clicks');
    for (const value of [1, 2, 3]) await stream.put('key', value);
    bench.store.db.exec(`UPDATE ev_records SET body = '{"cut' WHERE body LIKE '%2%'`);
    bench.platform.start();
    await bench.platform.settle();
    expect(callsOf(bench, 'broken').map((call) => recordsOf(call).map(({ data }) => data))).toEqual(
      [[1], [3]],
    );
    expect(await bench.platform.sources.deadLetters('dead').list()).toMatchObject([
      { data: expect.objectContaining({ data: '{"cut' }), attempts: 0 },
    ]);
    expect(bench.warnings).toHaveLength(1);
  });

  it('of a stream, in a delivery that a crash cut short, lets the platform start', async () => {
    const bench = bound({ broken: events.stream('clicks') });
    bench.handle('broken', () => new Promise<void>(() => {}));
    bench.platform.start();
    await bench.platform.sources.stream('clicks').put('key', 1);
    await bench.clock.advance(0);
    bench.store.db.exec(`UPDATE ev_records SET body = '{"cut'`);
    const after = bench.crash();
    after.handle('broken', () => null);
    await after.platform.sources.stream('clicks').put('key', 2);
    after.platform.start();
    await after.drain();
    expect(
      callsOf(after, 'broken').flatMap((call) => recordsOf(call).map(({ data }) => data)),
    ).toEqual([2]);
  });
});
