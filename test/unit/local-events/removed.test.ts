import { describe, expect, it } from 'vitest';
import { ServerlessError } from '../../../src/spi/index.ts';
import type { JsonValue } from '../../../src/spi/index.ts';
import { bind, benches, events, isObject, recordsOf, ref } from './harness.ts';
import type { Bench } from './harness.ts';

const newBench = benches();
const MAILER = ref('mailer');
const KEPT = bind('t', events.topic('news', { deadLetter: 'dead' }));

const waiting = async (binding: typeof KEPT): Promise<Bench> => {
  const bench = newBench();
  bench.platform.setBindings(MAILER, [binding]);
  for (const data of [1, 2, 3]) await bench.platform.sources.topic('news').publish(data);
  return bench;
};

describe('events that wait for a binding that is removed', () => {
  it('go to the dead letter that it names, and back to the binding when it is made again', async () => {
    const bench = await waiting(KEPT);
    bench.platform.setBindings(MAILER, []);
    const dead = bench.platform.sources.deadLetters('dead');
    expect(await dead.list()).toEqual(
      [1, 2, 3].map((data) =>
        expect.objectContaining({
          data,
          attempts: 0,
          lastError: expect.stringContaining('Removed'),
          origin: 'topic:news',
        }),
      ),
    );
    expect(bench.warnings).toEqual([
      expect.objectContaining({
        fields: expect.objectContaining({ origin: 'topic:news', kept: 3, dropped: 0 }),
      }),
    ]);
    bench.platform.start();
    bench.platform.setBindings(MAILER, [KEPT]);
    expect(await dead.redrive()).toBe(3);
    await bench.platform.settle();
    expect(bench.calls).toHaveLength(3);
  });

  it('are dropped aloud where it names none', async () => {
    const bench = await waiting(bind('t', events.topic('news')));
    bench.platform.setBindings(MAILER, [bind('t', events.topic('other'))]);
    expect(bench.warnings).toEqual([
      expect.objectContaining({ fields: expect.objectContaining({ kept: 0, dropped: 3 }) }),
    ]);
  });

  it('and asynchronous invocations, go where they say when the function is removed', async () => {
    const bench = await waiting(KEPT);
    const policy = { retry: events.retry, maxAgeSeconds: 60 };
    const onFailure = { type: 'queue', name: 'failures' } as const;
    await bench.platform.invokeAsync(MAILER, 1, 'request-1', policy);
    await bench.platform.invokeAsync(MAILER, 2, 'request-2', { ...policy, onFailure });
    bench.platform.forget(MAILER);
    expect(await bench.platform.sources.deadLetters('dead').list()).toHaveLength(3);
    expect(await bench.platform.sources.deadLetters('failures').list()).toEqual([
      expect.objectContaining({
        data: expect.objectContaining({ requestId: 'request-2', status: 'failure' }),
      }),
    ]);
    expect(bench.warnings.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ origin: 'topic:news', kept: 3, dropped: 0 }),
      expect.objectContaining({ origin: 'async:mailer', kept: 1, dropped: 1 }),
    ]);
  });

  it('may say so to a topic that the removed function itself is bound to', async () => {
    const bench = newBench();
    bench.platform.setBindings(MAILER, [bind('t', events.topic('failed'))]);
    bench.platform.setBindings(ref('watcher'), [bind('t', events.topic('failed'))]);
    await bench.platform.invokeAsync(MAILER, 1, 'request-1', {
      retry: events.retry,
      maxAgeSeconds: 60,
      onFailure: { type: 'topic', name: 'failed' },
    });
    bench.platform.forget(MAILER);
    bench.platform.start();
    await bench.platform.settle();
    expect(bench.calls.map((call) => call.ref.name)).toEqual(['watcher']);
  });

  it('say nothing when there are none', async () => {
    const bench = newBench();
    bench.platform.setBindings(MAILER, [KEPT, bind('s', events.stream('clicks'))]);
    bench.platform.forget(MAILER);
    expect(bench.warnings).toEqual([]);
  });
});

describe.each([
  ['stream', events.stream],
  ['table', events.table],
])('what a binding of a %s has not handled when it is removed', (kind, event) => {
  const put = async (bench: Bench, values: readonly number[]): Promise<void> => {
    const { sources } = bench.platform;
    for (const n of values)
      await (kind === 'stream'
        ? sources.stream('clicks').put('key', n)
        : sources.table('clicks').put({ id: 1 }, { n }));
  };
  const dataOf = (record: JsonValue): unknown => {
    const { newImage, data } = isObject(record) ? record : {};
    return isObject(newImage) ? newImage['n'] : data;
  };
  const seen = (bench: Bench): unknown[] =>
    bench.calls.flatMap(recordsOf).map((record) => dataOf(record));

  it('goes to its dead letter, also what waits for a batch to fill, and back', async () => {
    const kept = bind('s', event('clicks', { deadLetter: 'dead', batchWindowSeconds: 60 }));
    const bench = newBench();
    bench.platform.setBindings(MAILER, [kept]);
    bench.platform.start();
    await put(bench, [1, 2, 3]);
    await bench.platform.settle();
    bench.platform.setBindings(MAILER, []);
    const dead = bench.platform.sources.deadLetters('dead');
    const letters = await dead.list();
    expect(letters.map(({ data }) => dataOf(data))).toEqual([1, 2, 3]);
    expect(letters).toEqual(
      letters.map(() =>
        expect.objectContaining({
          attempts: 0,
          lastError: expect.stringContaining('Removed'),
          origin: `${kind}:clicks`,
        }),
      ),
    );
    expect(bench.warnings.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ origin: `${kind}:clicks`, kept: 3, dropped: 0 }),
    ]);
    bench.platform.setBindings(MAILER, [kept]);
    expect(await dead.redrive()).toBe(3);
    await bench.drain();
    expect(seen(bench)).toEqual([1, 2, 3]);
  });

  it('counts the deliveries that failed before', async () => {
    const bench = newBench();
    bench.platform.setBindings(MAILER, [
      bind('s', event('clicks', { deadLetter: 'dead', batchSize: 2 })),
    ]);
    bench.handle('mailer', () => Promise.reject(new Error('broken')));
    bench.platform.start();
    await put(bench, [1, 2, 3]);
    await bench.platform.settle();
    bench.platform.forget(MAILER);
    const letters = await bench.platform.sources.deadLetters('dead').list();
    expect(letters.map(({ attempts }) => attempts)).toEqual([1, 1, 0]);
  });

  it('is dropped aloud where it names none', async () => {
    const bench = newBench();
    bench.platform.setBindings(MAILER, [bind('s', event('clicks'))]);
    await put(bench, [1, 2, 3]);
    bench.platform.forget(MAILER);
    expect(bench.warnings.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ kept: 0, dropped: 3 }),
    ]);
  });
});

/** Calls of a handler that end when the test says so. */
const held = (bench: Bench): { end(error?: Error): Promise<void> } => {
  const ends: ((error?: Error) => void)[] = [];
  bench.handle(
    'mailer',
    () =>
      new Promise<void>((resolve, reject) => {
        ends.push((error) => (error === undefined ? resolve() : reject(error)));
      }),
  );
  return {
    async end(error) {
      for (const one of ends) one(error);
      await bench.clock.advance(0);
    },
  };
};

const CANCELLED = new ServerlessError({
  code: 'CANCELLED',
  provider: 'local',
  message: 'Its instance was ended. Call again: the live version answers.',
});

const underWay = async (binding: typeof KEPT): Promise<Bench & ReturnType<typeof held>> => {
  const bench = newBench();
  const { end } = held(bench);
  bench.platform.setBindings(MAILER, [binding]);
  bench.platform.start();
  const { sources } = bench.platform;
  for (const data of [1, 2, 3]) {
    await sources.topic('news').publish(data);
    await sources.stream('news').put('key', data);
    await sources.queue('news').send(data);
  }
  await bench.clock.advance(0);
  return { ...bench, end };
};

const lettersOf = (bench: Bench) => bench.platform.sources.deadLetters('dead').list();

describe.each([
  ['topic', events.topic('news', { deadLetter: 'dead' })],
  ['stream', events.stream('news', { deadLetter: 'dead', batchSize: 2 })],
])('a delivery under way when its binding is removed (%s)', (kind, event) => {
  const waits = kind === 'topic' ? 0 : 1;

  it.each([
    ['that fails goes to the dead letter', new Error('broken')],
    ['that succeeds is done', undefined],
  ])('is counted; %s', async (_what, error) => {
    const bench = await underWay(bind('t', event));
    bench.platform.setBindings(MAILER, []);
    expect(bench.warnings.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ kept: waits, dropped: 0, underWay: 3 - waits }),
    ]);
    await bench.end(error);
    expect(await lettersOf(bench)).toHaveLength(error === undefined ? waits : 3);
  });

  it('and is ended with its function then, says that it was removed', async () => {
    const bench = await underWay(bind('t', event));
    bench.platform.setBindings(MAILER, []);
    await bench.end(CANCELLED);
    const reasons = (await lettersOf(bench)).map(({ lastError }) => lastError.split(':')[0]);
    expect(reasons).toEqual(['Removed', 'Removed', 'Removed']);
  });

  it.each([
    ['is ended with it', CANCELLED],
    ['fails', new Error('broken')],
    ['succeeds', undefined],
  ])('or its function, is given up at once and not once more when it %s', async (_what, error) => {
    const bench = await underWay(bind('t', event));
    bench.platform.forget(MAILER);
    expect(bench.warnings.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ kept: 3, dropped: 0 }),
    ]);
    await bench.end(error);
    const letters = await lettersOf(bench);
    expect(letters.map(({ lastError }) => lastError)).toEqual(
      [1, 2, 3].map(() => 'Removed: The function was removed before the event was handled.'),
    );
    expect(letters.map(({ attempts }) => attempts)).toEqual(waits === 0 ? [1, 1, 1] : [1, 1, 0]);
    expect(bench.warnings).toHaveLength(1);
  });

  it('that an earlier process began, is given up', async () => {
    const bench = (await underWay(bind('t', event))).crash();
    bench.platform.setBindings(MAILER, []);
    bench.platform.start();
    expect(await lettersOf(bench)).toHaveLength(3);
  });
});

it('messages of a queue that were under way when the function was removed are uncharged', async () => {
  const once = { ...events.retry, maxAttempts: 1 };
  const bench = await underWay(
    bind('t', events.queue('news', { deadLetter: 'dead', retry: once })),
  );
  bench.platform.forget(MAILER);
  await bench.end(CANCELLED);
  expect(await lettersOf(bench)).toEqual([]);
  expect(await bench.platform.sources.queue('news').depth()).toEqual({ waiting: 3, inFlight: 0 });
  bench.platform.setBindings(MAILER, [bind('t', events.queue('news'))]);
  await bench.clock.advance(0);
  expect(bench.calls.at(-1)?.attempt).toBe(1);
});

describe.each([
  ['topic', events.topic('news')],
  ['stream', events.stream('news', { batchSize: 2 })],
])('a delivery under way when its binding was removed, and the process died (%s)', (kind, bare) => {
  const waits = kind === 'topic' ? 0 : 1;
  const kept = { ...bare, deadLetter: 'dead' };

  it('goes to the dead letter that the binding named, and back', async () => {
    const before = await underWay(bind('t', kept));
    before.platform.setBindings(MAILER, []);
    const bench = before.crash();
    expect(await lettersOf(bench)).toHaveLength(waits);
    bench.platform.start();
    const letters = await lettersOf(bench);
    expect(letters.map(({ attempts }) => attempts).toSorted((a, b) => a - b)).toEqual([
      1 - waits,
      1,
      1,
    ]);
    expect(letters.map(({ lastError }) => lastError.split(':')[0])).toEqual(
      [1, 2, 3].map(() => 'Removed'),
    );
    expect(bench.warnings.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ kept: 3 - waits, dropped: 0 }),
    ]);
    const again = bench.crash();
    again.platform.start();
    expect(await lettersOf(again)).toHaveLength(3);
    expect(again.warnings).toEqual([]);
    again.platform.setBindings(MAILER, [bind('t', kept)]);
    expect(await again.platform.sources.deadLetters('dead').redrive()).toBe(3);
  });

  it('is dropped aloud where it names none', async () => {
    const before = await underWay(bind('t', bare));
    before.platform.setBindings(MAILER, []);
    const bench = before.crash();
    bench.platform.start();
    expect(bench.warnings.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ kept: 0, dropped: 3 - waits }),
    ]);
    expect(bench.told).toHaveLength(1);
  });

  it.each([
    ['it had ended before', undefined],
    ['it had failed before', new Error('broken')],
  ])('is not given up once more when %s', async (_what, error) => {
    const before = await underWay(bind('t', kept));
    before.platform.setBindings(MAILER, []);
    await before.end(error);
    const bench = before.crash();
    bench.platform.start();
    expect(await lettersOf(bench)).toHaveLength(error === undefined ? waits : 3);
    expect(bench.warnings).toEqual([]);
  });

  it('is not given up once more when it was cut off by an end in order', async () => {
    const before = await underWay(bind('t', kept));
    before.platform.setBindings(MAILER, []);
    const bench = await before.restart();
    expect(await lettersOf(bench)).toHaveLength(3);
    bench.platform.start();
    expect(await lettersOf(bench)).toHaveLength(3);
    expect(bench.warnings).toEqual([]);
  });
});
