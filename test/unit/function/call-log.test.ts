import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FunctionContext, ShimCall } from 'polyfaas/function';
import { bindHandler } from '../../../src/function/bind.ts';
import { IDENTITY, meta, startModule } from './support.ts';

const INVOKE: ShimCall = { kind: 'invoke', event: { id: 7 } };

describe('context.log', () => {
  it('writes lines to the sink with the call they belong to', async () => {
    const { runtime, lines } = startModule({
      default: {
        invoke: (_input: unknown, { log }: FunctionContext) => {
          log.debug('d');
          log.info('i', { id: 7 });
          log.warn('w');
          log.error('e');
        },
      },
    });
    await runtime.call(INVOKE, meta({ requestId: 'r-5' }));
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'debug d',
      'info i',
      'warn w',
      'error e',
    ]);
    expect(lines[1]).toEqual({ level: 'info', message: 'i', fields: { id: 7 }, requestId: 'r-5' });
  });

  it('takes what is no JSON', async () => {
    const { runtime, lines } = startModule({
      default: {
        invoke: (
          _input: unknown,
          { log }: { readonly log: Record<string, (...given: unknown[]) => void> },
        ) => {
          log['error']?.('failed', new TypeError('t'));
          log['error']?.('failed', { id: 7, error: new TypeError('t'), big: 1n });
          log['info']?.(new RangeError('r'));
          log['info']?.('list', [1]);
          const { proxy, revoke } = Proxy.revocable({}, {});
          revoke();
          log['info']?.('revoked', proxy);
        },
      },
    });
    await runtime.call(INVOKE, meta());
    expect(lines[0]?.fields).toMatchObject({ error: { name: 'TypeError', message: 't' } });
    expect(lines[1]?.fields).toMatchObject({ id: 7, error: { message: 't' } });
    expect(lines[1]?.fields?.['big']).toBe('1');
    expect(lines[2]?.message).toContain('"message":"r"');
    expect(lines[3]?.fields).toEqual({ value: [1] });
    expect(lines).toHaveLength(5);
  });

  it('makes JSON of all that is within, and loses no field for the sake of another', async () => {
    class Customer {
      readonly #secret = 'hidden';
      readonly since = new Date(0);
      readonly id = 7n;
      reveal = (): string => this.#secret;
    }
    class Broken {
      get [Symbol.toStringTag](): string {
        throw new Error('no tag');
      }
    }
    const cyclic: Record<string, unknown> = { name: 'loop' };
    cyclic['self'] = { again: [cyclic] };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const fields = {
      order: { customer: new Customer(), failed: new TypeError('t', { cause: new Error('why') }) },
      error: new RangeError('r'),
      nothing: undefined,
      list: [undefined, Number.NaN, Symbol('s'), 1],
      by: new Map<unknown, unknown>([
        ['sku', new Set([1n])],
        [2, 2],
      ]),
      byObject: new Map([[{ id: 1n }, 2]]),
      byTextAndNumber: new Map<unknown, unknown>([
        [1, 'number'],
        ['1', 'text'],
      ]),
      bytes: new Uint8Array(3),
      pattern: /a+/g,
      boxed: Object(5),
      late: Promise.resolve(1),
      cyclic,
      proxy,
      broken: new Broken(),
      tellsNothing: { toJSON: () => undefined },
      badJson: {
        toJSON(): never {
          throw new Error('no JSON');
        },
      },
      ownJson: { toJSON: () => ({ big: 1n }) },
      half: {
        ok: 1,
        get bad(): never {
          throw new Error('no value');
        },
      },
      ['__proto__']: { polluted: 1n },
    };
    const { runtime, lines } = startModule({
      default: { invoke: (_input: unknown, { log }: FunctionContext) => log.info('all', fields) },
    });
    await runtime.call(INVOKE, meta());
    const logged = lines[0]?.fields;
    const unreadable = '[cannot be read: it threw]';
    expect(logged).toEqual({
      order: {
        customer: { since: '1970-01-01T00:00:00.000Z', id: '7', reveal: '[function]' },
        failed: {
          name: 'TypeError',
          message: 't',
          stack: expect.stringContaining('TypeError: t'),
          cause: { name: 'Error', message: 'why', stack: expect.stringContaining('why') },
        },
      },
      error: { name: 'RangeError', message: 'r', stack: expect.stringContaining('RangeError: r') },
      list: [null, 'NaN', 'Symbol(s)', 1],
      by: { sku: ['1'], '2': 2 },
      byObject: [[{ id: '1' }, 2]],
      byTextAndNumber: [
        [1, 'number'],
        ['1', 'text'],
      ],
      bytes: '[Uint8Array of 3 bytes]',
      pattern: '/a+/g',
      boxed: 5,
      late: '[Promise]',
      cyclic: { name: 'loop', self: { again: ['[circular]'] } },
      proxy: unreadable,
      broken: unreadable,
      badJson: unreadable,
      ownJson: { big: '1' },
      half: { ok: 1, bad: unreadable },
      ['__proto__']: { polluted: '1' },
    });
    expect(structuredClone(logged)).toEqual(JSON.parse(JSON.stringify(logged)));
  });

  it('shows the beginning of what is too deep or too much', async () => {
    let deep: unknown = 1n;
    for (let depth = 0; depth < 5_000; depth += 1) deep = { within: deep };
    // Each holds the one below twice: as a tree these are 2^15 of the last.
    let wide: unknown = { at: new Date(0), big: 1n };
    for (let depth = 0; depth < 15; depth += 1) wide = { big: 1n, left: wide, right: wide };
    const { runtime, lines } = startModule({
      default: {
        invoke: (_input: unknown, { log }: FunctionContext) =>
          log.info('much', { deep, wide, long: Array.from({ length: 100_000 }, () => 1n) }),
      },
    });
    await runtime.call(INVOKE, meta());
    const text = JSON.stringify(lines[0]?.fields);
    expect(text).toContain('{"within":"[left out]"}');
    expect(text).toContain('"...":"[left out]"');
    expect(text.length).toBeLessThanOrEqual(12_000);
  });

  it('lets no field cost another: short ones stay whole, long ones share what is left', async () => {
    const error = new RangeError('r'.repeat(20_000), { cause: new Error('why') });
    const client = Array.from({ length: 300 }, (_, at) => ({ at, big: 1n, text: 't'.repeat(300) }));
    const fields = { client, error, short: { id: 7 }, text: '\u0000'.repeat(50_000), id: 7 };
    const { runtime, lines } = startModule({
      default: { invoke: (_input: unknown, { log }: FunctionContext) => log.error('e', fields) },
    });
    await runtime.call(INVOKE, meta());
    const logged = lines[0]?.fields;
    expect(JSON.stringify(logged).length).toBeLessThanOrEqual(12_000);
    expect(JSON.stringify(logged).length).toBeGreaterThan(10_000);
    expect(logged).toMatchObject({
      client: expect.arrayContaining([{ at: 0, big: '1', text: 't'.repeat(300) }, '[left out]']),
      error: {
        name: 'RangeError',
        message: expect.stringMatching(/^r{500,}\.\.\. \(\d+ characters left out\)$/),
        stack: expect.stringContaining('RangeError: rr'),
        cause: { message: 'why' },
      },
      short: { id: 7 },
      text: expect.stringMatching(/ \(49\d\d\d characters left out\)$/),
      id: 7,
    });
  });

  it('hands on short JSON itself, and makes long JSON short', async () => {
    const short = { id: 7, text: 't'.repeat(11_000), list: Array.from({ length: 100 }, () => 1) };
    const table = Object.fromEntries(
      Array.from({ length: 9_000 }, (_, at) => [`${at}`.padStart(300, 'k'), 'v'.repeat(300)]),
    );
    const { runtime, lines } = startModule({
      default: {
        invoke: (_input: unknown, { log }: FunctionContext) => {
          log.info('short', short);
          log.info('long', { id: 7, text: 't'.repeat(900_000) });
          log.info(
            'long list',
            Array.from({ length: 5_000 }, (_, at) => at),
          );
          log.info('table', table);
          log.info('lone', { text: '\u{1f600}'.repeat(9_000) });
        },
      },
    });
    await runtime.call(INVOKE, meta());
    expect(lines[0]?.fields).toBe(short);
    for (const { fields } of lines) expect(JSON.stringify(fields).length).toBeLessThan(12_001);
    expect(lines[1]?.fields).toEqual({
      id: 7,
      text: expect.stringMatching(/^t{11900,}\.\.\. \(88\d{4} characters left out\)$/),
    });
    expect(lines[2]?.fields).toEqual({ value: expect.arrayContaining([0, 2_000, '[left out]']) });
    expect(Object.keys(lines[3]?.fields ?? {}).at(-1)).toBe('...');
    expect(JSON.stringify(lines[4]?.fields)).not.toContain('\\u');
  });

  it('fits every line, whatever is in it', async () => {
    const anything = fc.dictionary(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 15_000, size: 'max' }),
        fc.array(fc.string({ maxLength: 1_000, size: 'max' }), { maxLength: 20, size: 'max' }),
        fc.object({ withBigInt: true, maxDepth: 3, maxKeys: 10 }),
        fc.double(),
      ),
      { maxKeys: 30, size: 'max' },
    );
    let fields: object = {};
    const { runtime, lines } = startModule({
      default: { invoke: (_input: unknown, { log }: FunctionContext) => log.info('', fields) },
    });
    await fc.assert(
      fc.asyncProperty(anything, async (given) => {
        fields = given;
        await runtime.call(INVOKE, meta());
        const logged = lines.pop()?.fields;
        expect(JSON.stringify(logged).length).toBeLessThanOrEqual(12_000);
        expect(Object.keys(logged ?? {})).toHaveLength(Object.keys(given).length);
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });

  it('fails no call when the platform does not take the line', async () => {
    const handler = bindHandler({
      default: {
        invoke: (_input: unknown, { log }: FunctionContext) => {
          log.error('too long', { of: 'anything' });
          return 'done';
        },
      },
    });
    const runtime = handler.start(IDENTITY, {
      write: () => {
        throw new RangeError('Invalid string length');
      },
    });
    expect(await runtime.call(INVOKE, meta())).toBe('done');
  });
});
