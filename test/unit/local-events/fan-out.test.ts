import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bind, benches, events, isObject, ref } from './harness.ts';
import type { Bench } from './harness.ts';

const newBench = benches();

const names = (bench: Bench) => bench.calls.map((call) => call.ref.name).toSorted();

describe('a topic', () => {
  it('gives each bound function its own copy, in the normal form', async () => {
    const bench = newBench();
    bench.platform.setBindings(ref('mail'), [bind('t', events.topic('registered'))]);
    bench.platform.setBindings(ref('audit'), [bind('t', events.topic('registered'))]);
    bench.platform.start();
    const { id } = await bench.platform.sources
      .topic('registered')
      .publish({ user: 1 }, { attributes: { country: 'de' }, subject: 'users/1' });
    await bench.platform.settle();
    expect(names(bench)).toEqual(['audit', 'mail']);
    for (const call of bench.calls) {
      expect(call).toMatchObject({ kind: 'topic', attempt: 1 });
      expect(call.event).toEqual({
        id,
        source: 'registered',
        time: '2026-01-01T00:00:00.000Z',
        data: { user: 1 },
        attributes: { country: 'de' },
        subject: 'users/1',
      });
    }
    expect(bench.calls[0]?.requestId).not.toBe(bench.calls[1]?.requestId);
  });

  it('filters on attributes', async () => {
    const bench = newBench();
    const filter = { country: ['de', 'at'], tier: ['gold'] };
    bench.platform.setBindings(ref('mail'), [bind('t', events.topic('registered', { filter }))]);
    bench.platform.start();
    const topic = bench.platform.sources.topic('registered');
    await topic.publish(1, { attributes: { country: 'de', tier: 'gold' } });
    await topic.publish(2, { attributes: { country: 'de', tier: 'iron' } });
    await topic.publish(3, { attributes: { country: 'at' } });
    await topic.publish(4);
    await bench.platform.settle();
    expect(bench.calls).toHaveLength(1);
    expect(bench.calls[0]?.event).toMatchObject({ data: 1 });
  });

  it('retries each function by itself, with the same request id, then hands over', async () => {
    const bench = newBench();
    bench.platform.setBindings(ref('mail'), [
      bind('t', events.topic('registered', { deadLetter: 'dead' })),
    ]);
    bench.platform.setBindings(ref('audit'), [bind('t', events.topic('registered'))]);
    bench.handle('mail', () => {
      throw new Error('no server');
    });
    bench.platform.start();
    await bench.platform.sources.topic('registered').publish('x', { attributes: { a: 'b' } });
    await bench.platform.settle();
    await bench.clock.advance(10_000);
    expect(names(bench)).toEqual(['audit', 'mail', 'mail', 'mail']);
    const mails = bench.calls.filter((call) => call.ref.name === 'mail');
    expect(new Set(mails.map(({ requestId }) => requestId)).size).toBe(1);
    expect(mails.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(await bench.platform.sources.deadLetters('dead').list()).toEqual([
      expect.objectContaining({
        data: 'x',
        attributes: { a: 'b' },
        attempts: 3,
        lastError: 'Error: no server',
        origin: 'topic:registered',
        function: ref('mail'),
        bindingId: 't',
      }),
    ]);
  });

  it('gives nothing of before to a function that is bound later, or was disabled', async () => {
    const bench = newBench();
    const off = bind('t', events.topic('registered', { enabled: false }));
    bench.platform.setBindings(ref('mail'), [off]);
    bench.platform.start();
    await bench.platform.sources.topic('registered').publish('before');
    await bench.platform.settle();
    bench.platform.setBindings(ref('mail'), [bind('t', events.topic('registered'))]);
    await bench.platform.settle();
    expect(bench.calls).toEqual([]);
  });
});

describe('a bus', () => {
  it('delivers what matches the pattern', async () => {
    const bench = newBench();
    const pattern = { type: ['Paid'], data: { total: [{ numeric: ['>', 100] }] } };
    bench.platform.setBindings(ref('big'), [bind('b', events.bus('default', { pattern }))]);
    bench.platform.setBindings(ref('all'), [bind('b', events.bus('default'))]);
    bench.platform.setBindings(ref('else'), [bind('b', events.bus('other'))]);
    bench.platform.start();
    const bus = bench.platform.sources.bus();
    const { id } = await bus.publish({ source: 'shop', type: 'Paid', data: { total: 120 } });
    await bus.publish({ source: 'shop', type: 'Paid', data: { total: 100 } });
    await bench.platform.settle();
    expect(names(bench)).toEqual(['all', 'all', 'big']);
    expect(bench.calls.find((call) => call.ref.name === 'big')?.event).toEqual({
      id,
      source: 'shop',
      type: 'Paid',
      time: '2026-01-01T00:00:00.000Z',
      data: { total: 120 },
      bus: 'default',
    });
  });

  it('refuses a pattern with an unknown operator, and changes nothing', async () => {
    const bench = newBench();
    bench.platform.setBindings(ref('all'), [bind('b', events.bus('default'))]);
    const pattern = { data: { name: [{ wildcard: '*' }] } };
    expect(() =>
      bench.platform.setBindings(ref('all'), [bind('b', events.bus('default', { pattern }))]),
    ).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('pattern.data.name[0] has the unknown operator'),
      }),
    );
    bench.platform.start();
    await bench.platform.sources.bus().publish({ source: 's', type: 't', data: null });
    await bench.platform.settle();
    expect(bench.calls).toHaveLength(1);
  });
});

describe('a bucket', () => {
  const bound = (more: Parameters<typeof events.object>[1] = {}): Bench => {
    const bench = newBench();
    bench.platform.setBindings(ref('resize'), [bind('o', events.object('images', more))]);
    bench.platform.start();
    return bench;
  };

  it('keeps what was put, and tells of it', async () => {
    const bench = bound({ on: ['created', 'deleted'] });
    const bucket = bench.platform.sources.bucket('images');
    const { etag } = await bucket.put('cats/1.png', 'meow', { contentType: 'image/png' });
    const body = await bucket.get('cats/1.png');
    expect(Buffer.from(body ?? []).toString()).toBe('meow');
    await bench.platform.settle();
    await bucket.put('cats/1.png', new Uint8Array([0, 255]));
    expect(await bucket.get('cats/1.png')).toEqual(new Uint8Array([0, 255]));
    await bench.platform.settle();
    await bucket.delete('cats/1.png');
    await bucket.delete('cats/1.png');
    await bench.platform.settle();
    expect(await bucket.get('cats/1.png')).toBeUndefined();
    expect(bench.calls.map((call) => call.event)).toEqual([
      {
        id: expect.any(String),
        source: 'images',
        type: 'created',
        time: '2026-01-01T00:00:00.000Z',
        key: 'cats/1.png',
        sizeBytes: 4,
        etag,
        contentType: 'image/png',
      },
      expect.objectContaining({ type: 'created', sizeBytes: 2 }),
      expect.objectContaining({ type: 'deleted', sizeBytes: 0, key: 'cats/1.png' }),
    ]);
  });

  it('filters by prefix, suffix and kind of change', async () => {
    const bench = bound({ prefix: 'in/', suffix: '.png' });
    const bucket = bench.platform.sources.bucket('images');
    for (const key of ['in/a.png', 'in/a.txt', 'out/a.png', 'in/']) await bucket.put(key, '');
    await bucket.delete('in/a.png');
    await bench.platform.sources.bucket('others').put('in/a.png', '');
    await bench.platform.settle();
    const keys = bench.calls.map(({ event }) => (isObject(event) ? event['key'] : undefined));
    expect(keys).toEqual(['in/a.png']);
  });

  it('lists keys by prefix, and takes any key for a name only', async () => {
    const bench = bound();
    const bucket = bench.platform.sources.bucket('../..');
    const keys = ['../../../escape', '/etc/passwd', 'a%b_c', 'a/b', 'a\u0000b', '.', 'ä/😀'];
    for (const key of keys) await bucket.put(key, `body of ${key}`);
    expect((await bucket.list()).toSorted()).toEqual(keys.toSorted());
    expect(await bucket.list('a%')).toEqual(['a%b_c']);
    expect(await bucket.list('a\u0000')).toEqual(['a\u0000b']);
    expect(await bucket.list('ä/😀')).toEqual(['ä/😀']);
    for (const key of keys) {
      expect(Buffer.from((await bucket.get(key)) ?? []).toString()).toBe(`body of ${key}`);
    }
    expect(existsSync(join(bench.folder, '..', 'escape'))).toBe(false);
  });

  it('keeps one copy of equal contents, and none that nobody needs', async () => {
    const bench = bound();
    const files = (of: Bench) =>
      readdirSync(join(of.folder, 'objects'), { recursive: true, withFileTypes: true }).filter(
        (entry) => entry.isFile(),
      ).length;
    const bucket = bench.platform.sources.bucket('images');
    await Promise.all([bucket.put('a', 'same'), bucket.put('b', 'same'), bucket.put('c', 'own')]);
    expect(files(bench)).toBe(2);
    await bucket.delete('a');
    await bucket.put('c', 'same');
    expect(files(bench)).toBe(1);
    await bucket.delete('b');
    await bucket.delete('c');
    expect(files(bench)).toBe(0);
    // What a crash between the file and its row leaves.
    await bucket.put('kept', 'kept');
    writeFileSync(join(bench.folder, 'objects', 'new', 'half'), 'ha');
    const after = await bench.restart();
    expect(files(after)).toBe(1);
    const kept = await after.platform.sources.bucket('images').get('kept');
    expect(Buffer.from(kept ?? []).toString()).toBe('kept');
  });

  it('tells nothing of a put that failed, and keeps what was there', async () => {
    const bench = bound();
    const bucket = bench.platform.sources.bucket('images');
    await bucket.put('a', 'first');
    await bench.platform.settle();
    const pages = Number(bench.store.db.prepare('PRAGMA page_count').get()?.['page_count']);
    bench.store.db.exec(`PRAGMA max_page_count = ${pages}`);
    const refused: unknown[] = [];
    for (let count = 0; count < 50; count += 1) {
      const put = bucket.put(`${count}-${'x'.repeat(1_000)}`, `body ${count}`);
      await put.catch((error: unknown) => refused.push(error));
    }
    expect(refused).not.toEqual([]);
    for (const error of refused) expect(error).toMatchObject({ code: 'QUOTA_EXCEEDED' });
    bench.store.db.exec('PRAGMA max_page_count = 1000000');
    await bench.clock.advance(5_000);
    await bench.platform.settle();
    expect(await bucket.list()).toHaveLength(51 - refused.length);
    expect(bench.calls).toHaveLength(51 - refused.length);
    expect(Buffer.from((await bucket.get('a')) ?? []).toString()).toBe('first');
  });
});
