import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareResponses, readResponse } from 'polyfaas/function';

const Native = globalThis.Response;
prepareResponses();
const Light = globalThis.Response;

/** What can be seen of a response, or of why there is none. */
type Seen = Readonly<Record<string, unknown>>;

/** Tries the same on both kinds. */
async function same(run: (kind: typeof Response) => unknown): Promise<void> {
  expect(await outcome(() => run(Light))).toEqual(await outcome(() => run(Native)));
}

async function outcome(run: () => unknown): Promise<unknown> {
  try {
    const value = await run();
    return value instanceof Native ? look(value) : value;
  } catch (error) {
    return error instanceof Error ? { threw: error.constructor.name, says: error.message } : error;
  }
}

function look(response: Response): Seen {
  const { status, statusText, ok, type, url, redirected, bodyUsed } = response;
  const headers = [...response.headers];
  const hasBody = response.body !== null;
  return { status, statusText, ok, type, url, redirected, bodyUsed, headers, hasBody };
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Made anew for each kind: a stream is read once. */
const bodies: readonly (() => ConstructorParameters<typeof Response>[0])[] = [
  () => undefined,
  () => null,
  () => '',
  () => 'text é €',
  () => '\uFEFF{"a":1}',
  () => '{"a":1}',
  () => '\uD800',
  () => bytes('{"b":2}'),
  () => bytes('a body b').subarray(2, 6),
  () => Buffer.from('buffer'),
  () => bytes('whole').buffer,
  () => new DataView(bytes('view').buffer),
  () => new Uint16Array([1, 2]),
  () => new URLSearchParams({ a: '1', b: 'é' }),
  () => new Blob(['blob'], { type: 'text/X' }),
  () => new Blob(['blob']),
  () => ReadableStream.from([bytes('st'), bytes('ream')]),
];

const names = fc.constantFrom(
  'a',
  'A',
  'x-One',
  'x-one',
  'content-type',
  'Content-Type',
  'set-cookie',
  'Set-Cookie',
  'vary',
  'a b',
  '',
  'é',
);
const values = fc.constantFrom('b', 'c, d', ' padded\t', '', 'text/css', 'é', '€', 'a\r\nb', 'a\0');
const pairs = fc.array(fc.tuple(names, values), { maxLength: 4 });
const headerForms = fc.oneof(
  pairs.map((list) => () => list),
  pairs.map((list) => () => Object.fromEntries(list)),
  pairs.map((list) => () => new Map(list)),
  pairs.map((list) => () => {
    const headers = new Headers();
    for (const [name, value] of list) {
      if (/^[\w-]+$/.test(name) && !/[\r\n\0€]/.test(value)) headers.append(name, value);
    }
    return headers;
  }),
  fc.constantFrom<(() => unknown)[]>(
    () => undefined,
    () => null,
    () => 5,
    () => [['only']],
    () => ({ a: 1, b: undefined }),
    () => ({ [Symbol('s')]: 'x' }),
    () => new URLSearchParams('a=1'),
    () => Object.create({ inherited: 'x' }),
    () => Object.defineProperty({ a: '1' }, 'b', { value: '2' }),
  ),
);
const inits = fc.oneof(
  fc.constantFrom<(() => unknown)[]>(
    () => undefined,
    () => null,
    () => 'text',
    () => 7,
    () => new Native('other', { status: 201, headers: { 'x-other': '1' } }),
    () => new Light('other', { status: 202, statusText: 'Two', headers: { 'x-other': '2' } }),
  ),
  fc
    .record(
      {
        status: fc.constantFrom<unknown[]>(
          undefined,
          200,
          201,
          204,
          304,
          404,
          599,
          600,
          199,
          101,
          '201',
          201.7,
          null,
        ),
        statusText: fc.constantFrom<unknown[]>(undefined, '', 'Fine', 'é', '€', 'a\nb', null, 5),
        headers: headerForms,
      },
      { requiredKeys: [] },
    )
    .map((init) => () => (init.headers ? { ...init, headers: init.headers() } : init)),
);

/** Foreign callers give anything; types are not there at run time. */
function make(kind: typeof Response, body: unknown, init: unknown): Response {
  const made: unknown = Reflect.construct(kind, [body, init]);
  if (made instanceof Native) return made;
  throw new Error('it made no Response');
}

const operations: Readonly<Record<string, (response: Response) => unknown>> = {
  text: (response) => response.text(),
  json: (response) => response.json(),
  bytes: async (response) => [...(await response.bytes())],
  arrayBuffer: async (response) => [...new Uint8Array(await response.arrayBuffer())],
  blob: async (response) => {
    const blob = await response.blob();
    return [blob.type, await blob.text()];
  },
  formData: async (response) => [...(await response.formData())],
  body: async (response) => response.body && (await new Native(response.body).text()),
  locked: (response) => response.body?.locked,
  clone: async (response) => {
    const clone = response.clone();
    return [look(clone), await clone.text()];
  },
  look: (response) => look(response),
  status: (response) => [response.status, response.ok, response.bodyUsed],
  set: (response) => response.headers.set('x-set', '1'),
  untype: (response) => response.headers.delete('content-type'),
  append: (response) => response.headers.append('set-cookie', 'c=1'),
  cancel: (response) => response.body?.cancel(),
  copy: async (response) => {
    const copy = new (Object.is(response.constructor, Light) ? Light : Native)(
      response.body,
      response,
    );
    return [look(copy), await copy.text()];
  },
  read: async (response) => {
    const { body, ...head } = await readResponse(response);
    const whole = body instanceof ReadableStream ? await new Native(body).bytes() : body;
    return [head, whole && [...whole]];
  },
};

describe('a light Response', () => {
  it('answers as the real one does, whatever is asked, and in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...bodies),
        inits,
        fc.array(fc.constantFrom(...Object.keys(operations)), { maxLength: 5 }),
        async (body, init, chosen) => {
          const seen = async (kind: typeof Response): Promise<unknown> => {
            const made = await outcomeOf(() => make(kind, body(), init()));
            if (!(made instanceof Native)) return made;
            const steps: unknown[] = [];
            for (const name of chosen) {
              steps.push([name, await outcome(() => operations[name]?.(made))]);
            }
            return [...steps, look(made)];
          };
          expect(await seen(Light)).toEqual(await seen(Native));
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it('writes JSON as the real one does', async () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown[]>(undefined, 1n, Symbol('s'), () => 1, { toJSON: () => undefined }),
    );
    await fc.assert(
      fc.asyncProperty(anything, inits, async (value, init) => {
        const run = (kind: typeof Response): unknown =>
          Reflect.apply(kind.json, null, [value, init()]);
        await same(run);
        await same(async (kind) => {
          const made = run(kind);
          return made instanceof Native && [await made.text(), made.bodyUsed];
        });
      }),
    );
  });

  it('redirects, and gives errors, as the real one does', async () => {
    await same((kind) => kind.redirect('http://a.example/ b', 301));
    await same((kind) => Reflect.apply(kind.redirect, kind, ['http://a.example/', 200]));
    await same((kind) => kind.redirect('no url'));
    await same((kind) => kind.error());
    await same((kind) => kind.error().headers.set('a', 'b'));
    await same((kind) => Reflect.apply(kind.json, kind, []));
    expect(() => Reflect.apply(Light, undefined, [])).toThrow(TypeError);
  });

  it('looks like a Response', () => {
    const made = new Response('x', { headers: { a: 'b' } });
    expect([Light.name, Light.length]).toEqual(['Response', 0]);
    expect(made).toBeInstanceOf(Native);
    expect(made).toBeInstanceOf(Light);
    expect(made.constructor).toBe(Light);
    expect(Object.prototype.toString.call(made)).toBe('[object Response]');
    expect(inspect(made)).toBe(inspect(new Native('x', { headers: { a: 'b' } })));
    expect([JSON.stringify(made), Reflect.ownKeys(made)]).toEqual(['{}', []]);
    const keys = (kind: typeof Response): string[] => {
      const found = [];
      for (const key in new kind()) found.push(key);
      return found.toSorted();
    };
    expect(keys(Light)).toEqual(keys(Native));
    const { status } = Object.getOwnPropertyDescriptors(Light.prototype);
    expect(() => Reflect.apply(status?.get ?? (() => 0), {}, [])).toThrow(TypeError);
  });

  it('is the class of real ones too, and of nothing else', async () => {
    expect(new Native()).toBeInstanceOf(Light);
    expect(await fetch('data:,x')).toBeInstanceOf(Light);
    expect(Light.redirect('http://a.example')).toBeInstanceOf(Light);
    expect({}).not.toBeInstanceOf(Light);
    expect(new Request('http://a.example')).not.toBeInstanceOf(Light);
  });

  it('can be extended', async () => {
    class Teapot extends Response {
      constructor(body: string) {
        super(body, { status: 418 });
      }
    }
    Object.defineProperty(Teapot.prototype, 'statusText', { get: () => 'Short and stout' });
    const made = new Teapot('tea');
    expect(made).toBeInstanceOf(Teapot);
    expect(made).toBeInstanceOf(Response);
    expect(new Response('x')).not.toBeInstanceOf(Teapot);
    expect(await readResponse(made)).toMatchObject({ status: 418, statusText: 'Short and stout' });
    const given = Object.defineProperty(new Response('x'), 'status', { value: 203 });
    expect(await readResponse(given)).toMatchObject({ status: 203 });
  });

  it('keeps what it was given, whatever becomes of that', async () => {
    const given = bytes('before');
    const [first, second] = [new Response(given), new Response(given.buffer)];
    given.fill(0);
    expect([await first.text(), await second.text()]).toEqual(['before', 'before']);
    const headers = new Headers({ a: '1' });
    const init = { status: 201, headers };
    const made = new Response('x', init);
    headers.set('a', '2');
    init.status = 202;
    expect([made.status, made.headers.get('a')]).toEqual([201, '1']);
  });

  it('keeps one Headers, also when the body became a stream', async () => {
    const made = new Response('x');
    const { headers } = made;
    expect(made.body).toBeInstanceOf(ReadableStream);
    headers.set('x-late', '1');
    expect(made.headers).toBe(headers);
    expect(made.clone().headers.get('x-late')).toBe('1');
    expect((await readResponse(made)).headers).toContain('x-late');
  });

  it('is read without a stream, and then counts as read', async () => {
    const made = Response.json({ a: 1 }, { headers: { 'X-B': '2', 'set-cookie': 'c' } });
    made.headers.append('set-cookie', 'd');
    const parts = await readResponse(made);
    const cookies = ['set-cookie', 'c', 'set-cookie', 'd'];
    expect(parts.headers).toEqual(['content-type', 'application/json', ...cookies, 'x-b', '2']);
    expect(parts.body).toEqual(bytes('{"a":1}'));
    expect(made.bodyUsed).toBe(true);
    await expect(readResponse(made)).rejects.toThrow('whose body was read before');
    expect((await readResponse(new Response('x'), 'HEAD')).body).toBeNull();
  });

  it.each<[string, () => Response, string | undefined]>([
    ['text', () => new Response('grün'), '5'],
    ['JSON', () => Response.json({ a: 1 }), '7'],
    ['bytes', () => new Response(bytes('body')), '4'],
    ['text of another length than it says', () => sized('body'), '4'],
    ['an empty text that stands for another', () => sized(''), '42'],
    ['an empty text', () => new Response(''), '0'],
    ['nothing', () => new Response(null), '0'],
    ['nothing that stands for another', () => sized(null), '42'],
    [
      'events',
      () => new Response('x', { headers: { 'content-type': 'text/event-stream' } }),
      undefined,
    ],
    ['nothing, with 204', () => new Response(null, { status: 204 }), undefined],
    ['nothing, with 304', () => new Response(null, { status: 304 }), undefined],
  ])('tells HEAD the length that GET would bring: of %s', async (_what, respond, expected) => {
    const { headers, body } = await readResponse(respond(), 'HEAD');
    expect(body).toBeNull();
    const at = headers.indexOf('content-length');
    expect(at < 0 ? undefined : headers[at + 1]).toBe(expected);
    expect(headers.lastIndexOf('content-length')).toBe(at);
  });
});

const sized = (body: string | null): Response =>
  new Response(body, { headers: { 'Content-Length': '42' } });

async function outcomeOf(run: () => Response): Promise<unknown> {
  try {
    return run();
  } catch (error) {
    return await outcome(() => Promise.reject(error));
  }
}
