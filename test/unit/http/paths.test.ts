/** The path that chooses a route is the path that the handler sees. */
import * as fc from 'fast-check';
import { createSite, normalTarget, pathOfTarget, RouteTrie } from 'polyfaas/http';
import { describe, expect, it } from 'vitest';
import { GUARDED_ROUTES, PATHS, tellPath } from './as-sent.ts';

interface Shown {
  readonly status: number;
  readonly text: string;
}

function front(routes: readonly string[]): (url: string) => Promise<Shown> {
  const plain = routes.map((path) => ({ id: path, event: { methods: ['ANY'] as const, path } }));
  return serving(plain);
}

function serving(
  routes: Parameters<typeof createSite>[0]['routes'],
): (url: string) => Promise<Shown> {
  const site = createSite({
    routes,
    maxBodyBytes: 1_000,
    timeoutMs: 5_000,
    call: async (request, meta) => tellPath(request, meta),
    report: () => {},
  });
  return async (url) => {
    const sent = { method: 'GET', url, headers: [], body: null, requestId: 'r1' };
    const { status, body } = await site.serve(sent);
    return { status, text: Buffer.from(body ?? []).toString() };
  };
}

/** Paths of whatever the URL parser writes anew, and of what it leaves. */
const piece = fc.oneof(
  fc.constantFrom('/', '/', '/', '.', '..', '%2e', '%2E%2e', '\\', '?', '#', ' ', '{', '%', '//'),
  fc.constantFrom('public', 'admin', 'users', 'a', ';', '%2F', '%5c', '%252e', '@', '\t', '\n'),
  fc.string({ unit: 'binary', maxLength: 2 }),
);
const target = fc.array(piece, { maxLength: 10 }).map((pieces) => `/${pieces.join('')}`);

describe('the front of a function', () => {
  it.each(PATHS)('answers %s with %d, whatever it looks like', async (path, status, seen) => {
    const answer = await serving(GUARDED_ROUTES)(`https://shop.example${path}`);
    expect(answer.status).toBe(status);
    if (seen !== undefined) expect(answer.text).toBe(seen);
  });

  it('serves each request by the route of the path that its handler sees', async () => {
    const routes = ['/public/{rest+}', '/admin/{rest+}', '/admin/users', '/{id}', '/a/{b}/{c}'];
    const send = front(routes);
    const trie = new RouteTrie(
      routes.map((path) => ({ id: path, path, methods: ['ANY'], value: path })),
    );
    await fc.assert(
      fc.asyncProperty(target, async (sent) => {
        const { status, text } = await send(`https://shop.example${sent}`);
        if (status !== 200) return;
        const [route = '', path = ''] = text.split(' ');
        expect(trie.match('GET', path)).toMatchObject({ kind: 'found', value: route });
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['https://shop.example', '/'],
    ['https://shop.example?x=/a', '/'],
    ['https://shop.example\\a', '/a'],
    ['HTTPS://shop.example:8080/a#/b', '/a'],
  ])('takes the path out of %s', async (url, path) => {
    const { status, text } = await front(['/{all+}'])(url);
    expect([status, text]).toEqual([200, `/{all+} ${path}`]);
  });

  it.each(['/a', 'ftp://shop.example/a', 'https:///a', '*', ''])('refuses %j', async (url) => {
    expect((await front(['/{all+}'])(url)).status).toBe(400);
  });
});

describe('a normal target', () => {
  it('is what the URL parser makes of it, and stays as it is', () => {
    fc.assert(
      fc.property(target, (sent) => {
        const url = new URL(`http://localhost${sent}`);
        const normal = normalTarget(sent) ?? '';
        expect(pathOfTarget(normal)).toBe(url.pathname);
        expect(new URL(`http://localhost${normal}`).search).toBe(url.search);
        expect(normalTarget(normal)).toBe(normal);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['http://shop.test/a/../b?c', '/b?c'],
    ['//host/../a', '//a'],
    ['/a?x=/../b', '/a?x=/../b'],
    ['/a%2F..%2Fb;c/', '/a%2F..%2Fb;c/'],
    ['*', undefined],
    ['ftp://shop.test/a', undefined],
    ['', undefined],
  ])('of %j is %j', (sent, normal) => {
    expect(normalTarget(sent)).toBe(normal);
  });
});
