import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deserializeError, serializeError } from 'polyfaas/function';

describe('serializeError', () => {
  it('keeps name, message, stack and causes', () => {
    const error = new TypeError('outer', { cause: new RangeError('inner') });
    expect(serializeError(error)).toEqual({
      name: 'TypeError',
      message: 'outer',
      stack: error.stack,
      cause: { name: 'RangeError', message: 'inner', stack: expect.stringContaining('inner') },
    });
  });

  it('keeps a name of the user', () => {
    class OrderNotFound extends Error {
      override name = 'OrderNotFound';
    }
    expect(serializeError(new OrderNotFound('7')).name).toBe('OrderNotFound');
  });

  it.each<[unknown, string]>([
    ['plain text', 'plain text'],
    [undefined, 'undefined was thrown instead of an Error'],
    [null, 'null was thrown instead of an Error'],
    [404, '404 was thrown instead of an Error'],
    [7n, '7 was thrown instead of an Error'],
    [Symbol('s'), 'Symbol(s) was thrown instead of an Error'],
    [{ status: 404 }, '{"status":404}'],
    [() => 1, 'a function was thrown instead of an Error'],
    [{ toJSON: () => undefined }, ''],
  ])('says what was thrown: %s', (thrown, message) => {
    expect(serializeError(thrown)).toEqual({ name: 'Error', message, stack: '' });
  });

  it('takes an object that looks like an error', () => {
    expect(serializeError({ name: 'Odd', message: 'm' })).toEqual({
      name: 'Odd',
      message: 'm',
      stack: '',
    });
    expect(serializeError({ name: 3, message: 'm' }).name).toBe('Error');
  });

  it('survives getters and proxies that throw', () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    expect(serializeError(hostile).message).toContain('cannot be read');
    expect(
      serializeError(
        Object.defineProperty(new Error('m'), 'stack', {
          get: () => {
            throw new Error('no');
          },
        }),
      ),
    ).toEqual({
      name: 'Error',
      message: 'm',
      stack: '',
    });
  });

  it('cuts what is too long and too deep', () => {
    let error = new Error('x'.repeat(100_000));
    for (let level = 0; level < 50; level += 1)
      error = new Error('y'.repeat(100_000), { cause: error });
    error.stack = 's'.repeat(1_000_000);
    expect(JSON.stringify(serializeError(error)).length).toBeLessThan(400_000);
    const circular = new Error('round');
    circular.cause = circular;
    expect(JSON.stringify(serializeError(circular)).match(/"message":"round"/g)).toHaveLength(9);
  });

  it('always gives JSON, whatever is thrown', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withMap: true, withSparseArray: true }),
        (thrown) => {
          const data = serializeError(thrown);
          expect(JSON.parse(JSON.stringify(data))).toEqual(data);
          expect(deserializeError(data).message).toBe(data.message);
        },
      ),
    );
  });
});

describe('deserializeError', () => {
  it('gives back an Error that serialises to the same', () => {
    class OrderNotFound extends Error {
      override name = 'OrderNotFound';
    }
    const data = serializeError(new OrderNotFound('7', { cause: new TypeError('t') }));
    const error = deserializeError(data);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('OrderNotFound');
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(Object.keys(error)).toEqual([]);
    expect(serializeError(error)).toEqual(data);
  });

  it('takes foreign data as it comes', () => {
    expect(deserializeError('text').message).toBe('text');
    expect(deserializeError(null).message).toContain('null');
    const odd = deserializeError({ name: 1, message: 2, stack: 3 });
    expect([odd.name, odd.stack]).toEqual(['Error', `Error: ${odd.message}`]);
  });
});
