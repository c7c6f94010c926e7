import { describe, expect, it } from 'vitest';
import type { DeployedFunction } from '../../fakes/vercel/core/ports.ts';
import { followRoutes, type RouteResult } from '../../fakes/vercel/edge/routes.ts';

type Routes = Parameters<typeof followRoutes>[0]['routes'];

const TRIGGER = {
  topic: 'orders',
  consumer: 'c',
  maxDeliveries: null,
  retryAfterSeconds: 60,
  initialDelaySeconds: 0,
  maxConcurrency: null,
};

function func(name: string, triggers: DeployedFunction['triggers'] = []): DeployedFunction {
  return {
    name,
    folder: '/',
    handler: 'index.mjs',
    runtime: 'nodejs24.x',
    memoryMb: 256,
    maxDurationSeconds: 10,
    maxConcurrency: 1,
    regions: [],
    triggers,
    environment: {},
  };
}

const FUNCTIONS = [
  func('polyfaas/main'),
  func('api/users'),
  func('index'),
  func('docs/index'),
  func('polyfaas/events/q', [TRIGGER]),
];

function go(routes: Routes, url: string, method = 'GET', headers: string[] = []): RouteResult {
  return followRoutes({ routes, functions: FUNCTIONS }, { method, url, headers });
}

/** The function's name, the status, or what else it is. */
function end(result: RouteResult): string | number {
  if (result.kind === 'function') return result.func.name;
  if (result.kind === 'status') return result.status;
  return result.kind === 'external' ? result.url : result.kind;
}

const OURS: Routes = [
  { src: '^/polyfaas/(?:events/.*|async|main)$', status: 404 },
  { handle: 'filesystem' },
  { src: '/.*', dest: '/polyfaas/main' },
];

describe('routes of a deployment', () => {
  it('find functions by their exact path, without any route', () => {
    expect(end(go([], '/api/users?a=1'))).toBe('api/users');
    expect(end(go([], '/'))).toBe('index');
    expect(end(go([], '/docs'))).toBe('docs/index');
    expect(end(go([], '/api/users/7'))).toBe('missing');
    expect(end(go([], '/nowhere'))).toBe('missing');
  });

  it('hide functions with triggers', () => {
    expect(end(go([], '/polyfaas/events/q'))).toBe('missing');
    expect(end(go([{ src: '/q', dest: '/polyfaas/events/q' }], '/q'))).toBe('missing');
  });

  it('answer by status, look at the filesystem, then rewrite what is left', () => {
    expect(end(go(OURS, '/polyfaas/main'))).toBe(404);
    expect(end(go(OURS, '/polyfaas/events/q'))).toBe(404);
    expect(end(go(OURS, '/polyfaas/invoke?mode=async', 'POST'))).toBe('polyfaas/main');
    expect(end(go(OURS, '/api/users'))).toBe('api/users');
    expect(end(go(OURS, '/api/users/7'))).toBe('polyfaas/main');
  });

  it('match the whole path, whatever its case unless told otherwise', () => {
    const routes: Routes = [{ src: '/a', status: 410 }];
    expect(end(go(routes, '/A?b'))).toBe(410);
    expect(end(go(routes, '/a/b'))).toBe('missing');
    expect(end(go([{ src: '/a', status: 410, caseSensitive: true }], '/A'))).toBe('missing');
  });

  it('look at the method, and at has and missing', () => {
    const routes: Routes = [
      { src: '/x', methods: ['POST'], status: 201 },
      { src: '/x', has: [{ type: 'header', key: 'x-a', value: 'b.*' }], status: 202 },
      { src: '/x', has: [{ type: 'query', key: 'q' }], status: 203 },
      { src: '/x', missing: [{ type: 'cookie', key: 'c' }], status: 205 },
    ];
    expect(end(go(routes, '/x', 'POST'))).toBe(201);
    expect(end(go(routes, '/x', 'GET', ['X-A', 'bcd']))).toBe(202);
    expect(end(go(routes, '/x?q='))).toBe(203);
    expect(end(go(routes, '/x'))).toBe(205);
    expect(end(go(routes, '/x', 'GET', ['Cookie', 'a=1; c=2']))).toBe('missing');
  });

  it('gather headers on the way, and fill in what was matched', () => {
    const routes: Routes = [
      {
        src: '/(?<group>\\w+)/(\\d+)',
        headers: { 'x-group': '$group', 'x-id': '$2' },
        continue: true,
      },
      { src: '/api/.*', dest: '/api/$1users', headers: { 'x-last': '1' } },
    ];
    const result = go(routes, '/api/42');
    expect(end(result)).toBe('api/users');
    expect(result.headers).toEqual(['x-group', 'api', 'x-id', '42', 'x-last', '1']);
  });

  it('apply the routes of hits, of misses, and lead elsewhere', () => {
    const routes: Routes = [
      { src: '/out', dest: 'https://example.com/x' },
      { handle: 'hit' },
      { src: '/.*', headers: { 'x-hit': 'yes' } },
      { handle: 'miss' },
      { src: '/old', dest: '/api/users', status: 203 },
    ];
    expect(end(go(routes, '/out'))).toBe('https://example.com/x');
    expect(go(routes, '/api/users').headers).toEqual(['x-hit', 'yes']);
    expect(go(routes, '/old')).toMatchObject({ kind: 'function', status: 203 });
    expect(go(routes, '/nowhere').headers).toEqual([]);
  });

  it('go on behind a rewrite only when it asks for the check', () => {
    const next = { src: '/b', dest: '/api/users' };
    expect(end(go([{ src: '/a', dest: '/b' }, next], '/a'))).toBe('missing');
    expect(end(go([{ src: '/a', dest: '/b', check: true }, next], '/a'))).toBe('api/users');
  });
});
