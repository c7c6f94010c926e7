import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Binding, HttpMethod } from 'polyfaas/spi';
import {
  encodeRoutePolicies,
  readRoutePolicy,
  routesOf,
  rulesOf,
} from '../../../providers/aws/route-policy.ts';
import { CORS, http } from './bindings.ts';

function keys(...bindings: readonly Binding[]): readonly string[] {
  return routesOf(rulesOf(bindings))
    .map(({ key }) => key)
    .toSorted();
}

const METHODS: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'DELETE', 'ANY'];

const bindings = fc
  .array(
    fc.record({
      methods: fc.subarray([...METHODS], { minLength: 1 }),
      path: fc.constantFrom('/', '/a', '/a/{id}', '/a/{rest+}', '/ü/{x}/y', '/{path+}'),
      cors: fc.option(fc.constant(CORS), { nil: undefined }),
      maxBodyBytes: fc.option(fc.nat(), { nil: undefined }),
      id: fc.stringMatching(/^[a-z][a-z0-9_-]{0,60}$/),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((all) =>
    all.map(({ id, methods, path, cors, maxBodyBytes }, index) =>
      http(`${id}${index}`, {
        methods: methods.toSorted(),
        path,
        ...(cors ? { cors } : {}),
        ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
      }),
    ),
  );

describe('route policies', () => {
  it('come out of the stage variables as they went in', () => {
    fc.assert(
      fc.property(bindings, (all) => {
        const variables = encodeRoutePolicies(all);
        for (const value of Object.values(variables)) {
          expect(value).toMatch(/^[A-Za-z0-9\-._~:/?#&=,]{1,512}$/);
        }
        for (const { key, policy } of routesOf(rulesOf(all))) {
          expect(readRoutePolicy(variables, key)).toEqual(policy);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are not disturbed by parts of longer rules that were left over', () => {
    const long = encodeRoutePolicies(
      Array.from({ length: 20 }, (_, index) => http(`h${index}`, { path: `/path-${index}` })),
    );
    const short = encodeRoutePolicies([http('h', { path: '/a', maxBodyBytes: 10 })]);
    expect(Object.keys(long).length).toBeGreaterThan(Object.keys(short).length);
    expect(readRoutePolicy({ ...long, ...short }, 'ANY /a')?.maxBodyBytes).toBe(10);
  });

  it('are none for a function URL, for unknown routes, and for foreign variables', () => {
    const variables = encodeRoutePolicies([http('h', { path: '/a' })]);
    expect(readRoutePolicy(undefined, 'ANY /a')).toBeUndefined();
    expect(readRoutePolicy(variables, 'ANY /b')).toBeUndefined();
    expect(readRoutePolicy({ polyfaas0: '001.%%%' }, 'ANY /a')).toBeUndefined();
    expect(readRoutePolicy({ other: 'x' }, 'ANY /a')).toBeUndefined();
  });

  it('leave disabled routes and other events out', () => {
    expect(keys(http('h', { path: '/a', enabled: false }))).toEqual([]);
  });

  it('hold scopes only when there are several, which API Gateway does not check', () => {
    const jwt = { issuer: 'https://i.example', audience: ['a'], jwksUri: 'https://i.example/k' };
    const one = encodeRoutePolicies([http('h', { path: '/a', jwt: { ...jwt, scopes: ['x'] } })]);
    const two = encodeRoutePolicies([
      http('h', { path: '/a', jwt: { ...jwt, scopes: ['x', 'y'] } }),
    ]);
    expect(readRoutePolicy(one, 'ANY /a')?.scopes).toBeUndefined();
    expect(readRoutePolicy(two, 'ANY /a')?.scopes).toEqual(['x', 'y']);
  });
});

describe('routes', () => {
  it('of the default path take the root too', () => {
    expect(keys(http('h'))).toEqual(['ANY /', 'ANY /{path+}']);
  });

  it('of GET serve HEAD, and refuse other methods', () => {
    expect(keys(http('h', { methods: ['GET'], path: '/a' }))).toEqual([
      'ANY /a',
      'GET /a',
      'HEAD /a',
    ]);
    const all = routesOf(rulesOf([http('h', { methods: ['GET', 'POST'], path: '/a' })]));
    const refused = all.find(({ key }) => key === 'ANY /a')?.policy;
    expect(refused?.answers).toBe('notAllowed');
    expect(refused?.methods).toEqual(['GET', 'HEAD', 'POST']);
  });

  it('of several bindings of one path share what refuses', () => {
    const all = keys(
      http('r', { methods: ['GET'], path: '/a/{id}' }),
      http('w', { methods: ['PUT'], path: '/a/{name}' }),
    );
    expect(all).toEqual(['ANY /a/{id}', 'GET /a/{id}', 'HEAD /a/{id}', 'PUT /a/{name}']);
  });

  it('let a less exact route take the methods that they do not', () => {
    const all = keys(
      http('one', { methods: ['GET'], path: '/a/b' }),
      http('all', { methods: ['POST'], path: '/a/{rest+}' }),
    );
    expect(all).toEqual(['ANY /a/{rest+}', 'GET /a/b', 'HEAD /a/b', 'POST /a/{rest+}']);
  });

  it('with cors answer preflights without a handler', () => {
    const all = routesOf(
      rulesOf([
        http('r', { methods: ['GET'], path: '/a', cors: CORS }),
        http('w', { methods: ['POST'], path: '/a' }),
      ]),
    );
    const asked = all.find(({ key }) => key === 'OPTIONS /a')?.policy;
    expect(asked?.answers).toBe('preflight');
    expect(asked?.crossOrigin).toEqual([{ methods: ['GET'], cors: CORS }]);
  });

  it('that handle OPTIONS themselves keep it', () => {
    const all = routesOf(
      rulesOf([http('h', { methods: ['GET', 'OPTIONS'], path: '/a', cors: CORS })]),
    );
    expect(all.find(({ key }) => key === 'OPTIONS /a')?.policy.answers).toBe('handler');
  });
});
