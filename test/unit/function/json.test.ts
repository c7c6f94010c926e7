import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  JsonEncodeError,
  jsonByteLength,
  MAX_JSON_DEPTH,
  measuredJson,
  toJson,
} from 'polyfaas/function';

function nested(depth: number, leaf: unknown): unknown {
  let value = leaf;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function* generate(): Generator<number> {
  yield 1;
}

function refusal(value: unknown): JsonEncodeError {
  try {
    toJson(value);
  } catch (error) {
    if (error instanceof JsonEncodeError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('toJson', () => {
  it('gives what JSON text would give', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(toJson(value)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('gives what JSON text would give when the value has to change', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.date({ noInvalidDate: true }), (value, date) => {
        const changed = { value, date, list: [undefined, date, value], gone: undefined, zero: -0 };
        expect(toJson(changed)).toEqual(JSON.parse(JSON.stringify(changed)));
      }),
    );
  });

  it('returns a plain value itself', () => {
    const value = { id: 7, list: [1, 'two', null, { three: true }], none: {} };
    expect(toJson(value)).toBe(value);
    expect(toJson('text')).toBe('text');
    const bare: unknown = Object.assign(Object.create(null), { a: 1 });
    expect(toJson(bare)).toBe(bare);
  });

  it('does not change the value that it copies', () => {
    const value = { keep: [1], drop: undefined };
    expect(toJson(value)).toEqual({ keep: [1] });
    expect(Object.keys(value)).toEqual(['keep', 'drop']);
  });

  it('follows JSON for undefined', () => {
    expect(toJson(undefined)).toBeNull();
    expect(toJson([undefined, 1])).toEqual([null, 1]);
    // eslint-disable-next-line no-sparse-arrays
    expect(toJson([1, , 2])).toEqual([1, null, 2]);
    expect(toJson({ a: undefined, b: 1 })).toStrictEqual({ b: 1 });
  });

  it('makes -0 a plain 0', () => {
    expect(Object.is(toJson(-0), 0)).toBe(true);
    expect(toJson({ a: [-0] })).toStrictEqual({ a: [0] });
  });

  it('follows toJSON, with the key, once', () => {
    const keys: string[] = [];
    const money = {
      toJSON(key: string): unknown {
        keys.push(key);
        return { cents: 5, toJSON: undefined };
      },
    };
    expect(toJson({ price: money, list: [money] })).toEqual({
      price: { cents: 5 },
      list: [{ cents: 5 }],
    });
    expect(keys).toEqual(['price', '0']);
    expect(toJson(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
    expect(toJson(new Date(Number.NaN))).toBeNull();
    expect(toJson({ at: new URL('https://a.example/b') })).toEqual({ at: 'https://a.example/b' });
    expect(toJson({ toJSON: () => undefined })).toBeNull();
  });

  it('takes class instances by their own properties, and unwraps boxed values', () => {
    class Order {
      readonly id = 7;
      get total(): number {
        return 1;
      }
    }
    expect(toJson(new Order())).toStrictEqual({ id: 7 });
    expect(toJson([Object(1), Object('a'), Object(false)])).toEqual([1, 'a', false]);
  });

  it('keeps a key called __proto__ a key', () => {
    const hostile: unknown = JSON.parse('{"__proto__":{"admin":true},"when":1}');
    expect(toJson(hostile)).toBe(hostile);
    const copy = toJson({ inner: hostile, drop: undefined });
    expect(JSON.stringify(copy)).toBe('{"inner":{"__proto__":{"admin":true},"when":1}}');
    expect(Reflect.get(Object(copy), 'admin')).toBeUndefined();
  });

  it('takes no notice of what somebody put on the prototype of all objects', () => {
    const polluted = ['extra', 'call'] as const;
    try {
      Object.assign(Object.prototype, { extra: 1, call: () => 1 });
      expect(JSON.stringify(toJson({ a: [{ b: 1 }] }))).toBe('{"a":[{"b":1}]}');
      expect(jsonByteLength({ a: 1 })).toBe(7);
    } finally {
      for (const key of polluted) Reflect.deleteProperty(Object.prototype, key);
    }
  });

  it('drops the extra properties of a match', () => {
    const match = toJson('2026-11'.match(/(\d+)-(\d+)/));
    expect(match).toStrictEqual(['2026-11', '2026', '11']);
    expect(Object.keys(Object(match))).toEqual(['0', '1', '2']);
  });

  it.each<[string, unknown, string]>([
    ['BigInt', { a: [0, { b: 1n }] }, '$.a[1].b'],
    ['boxed BigInt', [Object(1n)], '$[0]'],
    ['a function', { run: () => 1 }, '$.run'],
    ['a symbol', [Symbol('x')], '$[0]'],
    ['NaN', { a: Number.NaN }, '$.a'],
    ['Infinity', -Infinity, '$'],
    ['a Map', { 'created by': new Map() }, '$["created by"]'],
    ['a Set', [new Set([1])], '$[0]'],
    ['a typed array', { bytes: new Uint8Array(2) }, '$.bytes'],
    ['a Buffer', { bytes: Buffer.from('a') }, '$.bytes'],
    ['a DataView', new DataView(new ArrayBuffer(1)), '$'],
    ['an ArrayBuffer', [new ArrayBuffer(1)], '$[0]'],
    ['a Promise', { later: Promise.resolve(1) }, '$.later'],
    ['a RegExp', /x/, '$'],
    ['an Error', { error: new TypeError('x') }, '$.error'],
    ['a Response', Response.json({}), '$'],
    ['a generator', { items: generate() }, '$.items'],
  ])('refuses %s and says where', (_name, value, path) => {
    const error = refusal(value);
    expect(error.path).toBe(path);
    expect(error.message.startsWith(`${path} `)).toBe(true);
  });

  it('refuses a cycle, and takes an object that occurs twice', () => {
    const cycle: { list: unknown[] } = { list: [] };
    cycle.list.push({ again: cycle });
    expect(refusal(cycle).path).toBe('$.list[0].again');
    const shared = { a: new Date(0) };
    expect(toJson([shared, shared])).toEqual([
      { a: '1970-01-01T00:00:00.000Z' },
      { a: '1970-01-01T00:00:00.000Z' },
    ]);
  });

  it('says where reading threw', () => {
    const fail = (): never => {
      throw new RangeError('no');
    };
    const getter = Object.defineProperty({ at: new Date(0) }, 'a', { get: fail, enumerable: true });
    const proxy = new Proxy({}, { ownKeys: fail });
    for (const [value, path] of [
      [{ drop: undefined, inner: getter }, '$.inner.a'],
      [[undefined, proxy], '$[1]'],
      [{ toJSON: fail }, '$'],
      [[proxy], '$[0]'],
    ] as const) {
      const error = refusal(value);
      expect(error.path).toBe(path);
      expect(error.cause).toBeInstanceOf(RangeError);
    }
  });

  it.each([1_000, MAX_JSON_DEPTH])('carries a value nested %i deep', (depth) => {
    const plain = nested(depth, 1);
    expect(JSON.stringify(toJson(plain)) === JSON.stringify(plain)).toBe(true);
    expect(JSON.stringify(toJson(nested(depth, undefined))).includes('[null]')).toBe(true);
  });

  it.each([MAX_JSON_DEPTH + 1, 5_001, 100_000])('refuses a value nested %i deep', (depth) => {
    const error = refusal(nested(depth, 1));
    expect(error.reason).toContain(String(MAX_JSON_DEPTH));
    expect(error.path.length).toBeLessThan(300);
  });

  it('calls the value what it is told to', () => {
    expect(() => toJson({ a: 1n }, 'input')).toThrow('input.a is a BigInt');
  });
});

describe('jsonByteLength', () => {
  it('counts the bytes of the JSON text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(jsonByteLength(value)).toBe(Buffer.byteLength(JSON.stringify(value)));
      }),
    );
    expect(jsonByteLength({ a: undefined, b: '\ud800 ü € 😀' })).toBe(
      Buffer.byteLength(JSON.stringify({ b: '\ud800 ü € 😀' })),
    );
  });
});

describe('measuredJson', () => {
  it('never promises less than the text takes, whichever pass made it', () => {
    const text = fc.string({ unit: 'binary' });
    const value = fc.jsonValue({ stringUnit: 'binary', noUnicodeString: false });
    fc.assert(
      fc.property(value, text, fc.boolean(), (some, key, hasDate) => {
        const { json, atMostBytes } = measuredJson(
          { [key]: some, at: hasDate ? new Date(0) : 0 },
          '$',
        );
        expect(atMostBytes).toBeGreaterThanOrEqual(jsonByteLength(json));
        expect(atMostBytes).toBeLessThan(Infinity);
      }),
    );
  });

  it('says no number for what is nested too deep to be looked at twice', () => {
    expect(measuredJson(nested(1_500, 1)).atMostBytes).toBe(Infinity);
  });

  it('is enough for the longest numbers', () => {
    const longest = Number('-0.0000012345678901234567');
    expect(String(longest)).toHaveLength(25);
    const list = Array.from({ length: 100 }, () => longest);
    expect(measuredJson(list).atMostBytes).toBeGreaterThanOrEqual(jsonByteLength(list));
  });

  it('is not stopped by what somebody put on the prototype of all objects', () => {
    const value = { at: new Date(0) };
    const enumerable = { configurable: true, enumerable: true };
    const get = (): never => {
      throw new Error('read');
    };
    Reflect.defineProperty(Object.prototype, 'strange', { ...enumerable, get });
    const told: unknown[] = [];
    try {
      told.push(toJson(value), measuredJson(value).atMostBytes);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'strange');
    }
    expect(told).toEqual([{ at: '1970-01-01T00:00:00.000Z' }, Infinity]);
  });

  it.each([[1], [-1.234567890123456e-300], [null], [false], ['\u0000'], [[]], [{}], [[[], {}]]])(
    'is enough for %j',
    (value) => {
      expect(measuredJson(value).atMostBytes).toBeGreaterThanOrEqual(jsonByteLength(value));
    },
  );
});
