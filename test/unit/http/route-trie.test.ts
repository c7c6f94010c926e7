import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RouteTrie } from 'polyfaas/http';

const trie = (...routes: readonly string[]): RouteTrie<string> =>
  new RouteTrie(
    routes.map((text) => {
      const [methods = '', path = ''] = text.split(' ');
      return { id: text, path, methods: methods.split(','), value: text };
    }),
  );

const found = (value: string, params: Record<string, string> = {}): unknown => ({
  kind: 'found',
  value,
  params,
});

describe('RouteTrie', () => {
  it('prefers a literal to a parameter to a rest', () => {
    const routes = trie('GET /a/{rest+}', 'GET /a/{id}', 'GET /a/me');
    expect(routes.match('GET', '/a/me')).toEqual(found('GET /a/me'));
    expect(routes.match('GET', '/a/7')).toEqual(found('GET /a/{id}', { id: '7' }));
    expect(routes.match('GET', '/a/7/8')).toEqual(found('GET /a/{rest+}', { rest: '7/8' }));
  });

  it.each(['TRACE', 'CONNECT'])('does not take %s for ANY', (method) => {
    const allow = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];
    const refused = { kind: 'methodNotAllowed', allow };
    expect(trie('ANY /a').match(method, '/a')).toEqual(refused);
    expect(trie('ANY /{path+}', 'GET /a').match(method, '/a')).toEqual(refused);
  });

  it('prefers a named method to ANY', () => {
    const routes = trie('ANY /a', 'GET /a');
    expect(routes.match('GET', '/a')).toEqual(found('GET /a'));
    expect(routes.match('DELETE', '/a')).toEqual(found('ANY /a'));
  });

  it('goes to a less specific path when the more specific one does not take the method', () => {
    const routes = trie('GET /a/me', 'POST /a/{id}');
    expect(routes.match('POST', '/a/me')).toEqual(found('POST /a/{id}', { id: 'me' }));
    expect(routes.match('PUT', '/a/me')).toEqual({
      kind: 'methodNotAllowed',
      allow: ['GET', 'HEAD', 'POST'],
    });
  });

  it('goes back to a parameter when a literal leads nowhere', () => {
    const routes = trie('GET /a/b/c', 'GET /{x}/b/d', 'GET /{all+}');
    expect(routes.match('GET', '/a/b/d')).toEqual(found('GET /{x}/b/d', { x: 'a' }));
    expect(routes.match('GET', '/a/b/e')).toEqual(found('GET /{all+}', { all: 'a/b/e' }));
  });

  it('answers HEAD by GET unless HEAD is declared', () => {
    expect(trie('GET /a').match('HEAD', '/a')).toEqual(found('GET /a'));
    expect(trie('GET /a', 'HEAD /a').match('HEAD', '/a')).toEqual(found('HEAD /a'));
    expect(trie('GET /a', 'ANY /a').match('HEAD', '/a')).toEqual(found('GET /a'));
  });

  it('takes case and a slash at the end seriously', () => {
    const routes = trie('GET /a', 'GET /b/');
    expect(routes.match('GET', '/A')).toEqual({ kind: 'notFound' });
    expect(routes.match('GET', '/a/')).toEqual({ kind: 'notFound' });
    expect(routes.match('GET', '/b')).toEqual({ kind: 'notFound' });
    expect(routes.match('GET', '/b/')).toEqual(found('GET /b/'));
  });

  it('matches the root with a rest at the root only', () => {
    const routes = trie('GET /{path+}', 'POST /a/{path+}');
    expect(routes.match('GET', '/')).toEqual(found('GET /{path+}', { path: '' }));
    expect(routes.match('POST', '/a/')).toMatchObject({
      kind: 'methodNotAllowed',
      allow: ['GET', 'HEAD'],
    });
    expect(routes.match('POST', '/a/b/')).toEqual(found('POST /a/{path+}', { path: 'b/' }));
  });

  it('does not match a parameter with nothing', () => {
    expect(trie('GET /a/{id}').match('GET', '/a/')).toEqual({ kind: 'notFound' });
  });

  it('decodes parameters, and compares literals decoded', () => {
    const routes = trie('GET /café/{name}', 'GET /x/{rest+}');
    expect(routes.match('GET', '/caf%C3%A9/a%2Fb%20c')).toEqual(
      found('GET /café/{name}', { name: 'a/b c' }),
    );
    expect(routes.match('GET', '/%78/a%20b/c')).toEqual(found('GET /x/{rest+}', { rest: 'a b/c' }));
  });

  it('refuses malformed percent-encoding', () => {
    expect(trie('GET /{id}').match('GET', '/%E0%A4%A')).toEqual({ kind: 'malformed' });
    expect(trie('GET /{id}').match('GET', '/%')).toEqual({ kind: 'malformed' });
  });

  it.each([
    ['a', 'must start'],
    ['/{rest+}/a', 'must come last'],
    ['/v{n}', 'all literal'],
    ['/{id}/{id}', 'twice'],
    ['/{__proto__}', 'as a name'],
    ['/{}', 'all literal'],
  ])('refuses the path %s', (path, why) => {
    expect(() => trie(`GET ${path}`)).toThrow(why);
  });

  it('refuses two routes that take the same requests', () => {
    expect(() => trie('GET,POST /a/{x}', 'POST /a/{y}')).toThrow('both take POST /a/{y}');
  });

  it('agrees with trying every route in order of precision', () => {
    const part = fc.constantFrom('a', 'b', '', '{x}', '{y}');
    const pattern = fc
      .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([parts, rest]) => {
        const renamed = parts.map((text, index) => text.replace(/[xy]/, `p${index}`));
        return `/${(rest ? [...renamed, '{rest+}'] : renamed).join('/')}`;
      });
    const method = fc.constantFrom('GET', 'POST', 'ANY');
    const declared = fc
      .array(fc.tuple(method, pattern), { maxLength: 12 })
      .map((pairs) => [...new Set(pairs.map(([verb, path]) => `${verb} ${path}`))]);
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c', '', 'a%2Fb'), { minLength: 1, maxLength: 5 })
      .map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(
        declared,
        fc.constantFrom('GET', 'POST', 'HEAD', 'PUT'),
        path,
        (texts, verb, at) => {
          const result = trie(...texts).match(verb, at);
          expect(result).toEqual(expected(texts, verb, at));
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** The same rules, said slowly: each pattern as an expression, sorted by kind of segment. */
function expected(texts: readonly string[], verb: string, path: string): unknown {
  const rank = (pattern: string): string =>
    pattern
      .slice(1)
      .split('/')
      .map((part) => (part.includes('+') ? '3' : part.startsWith('{') ? '2' : '1'))
      .join('');
  const methodRank = (method: string): number => ['ANY', 'GET', verb].indexOf(method);
  const matching = texts
    .map((text) => ({ text, method: text.split(' ')[0] ?? '', pattern: text.split(' ')[1] ?? '' }))
    .flatMap((candidate) => {
      const source = candidate.pattern
        .replaceAll(/\{\w+\+\}/g, candidate.pattern.startsWith('/{rest') ? '(.*)' : '(.+)')
        .replaceAll(/\{\w+\}/g, '([^/]+)');
      const match = new RegExp(`^${source}$`).exec(path);
      return match ? [{ ...candidate, values: match.slice(1) }] : [];
    })
    .sort(
      (one, other) =>
        rank(one.pattern).localeCompare(rank(other.pattern)) ||
        methodRank(other.method) - methodRank(one.method),
    );
  const takes = (method: string): boolean =>
    method === verb || method === 'ANY' || (verb === 'HEAD' && method === 'GET');
  const best = matching.find((candidate) => takes(candidate.method));
  if (best) {
    const names = [...best.pattern.matchAll(/\{(\w+)\+?\}/g)].map((match) => match[1] ?? '');
    const params = Object.fromEntries(
      names.map((name, index) => [name, decodeURIComponent(best.values[index] ?? '')]),
    );
    return { kind: 'found', value: best.text, params };
  }
  if (matching.length === 0) return { kind: 'notFound' };
  const allow = new Set(matching.map((candidate) => candidate.method));
  if (allow.has('GET')) allow.add('HEAD');
  return { kind: 'methodNotAllowed', allow: [...allow].sort() };
}
