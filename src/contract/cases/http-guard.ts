import assert from 'node:assert/strict';
import type { JsonValue } from '../../function/json.types.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { object, type ContractContext } from '../context.ts';
import type { TokenOptions } from '../issuer.ts';
import type { Standing } from '../standing.ts';

const http = casesOf('http');
const ORIGIN = 'https://shop.example';
const AUDIENCE = 'orders-api';

function withCors(t: ContractContext): Promise<Standing> {
  const cors = {
    origins: [ORIGIN],
    headers: ['content-type', 'x-own'],
    exposeHeaders: ['x-kind'],
    credentials: true,
    maxAgeSeconds: 120,
  };
  const events = [{ type: 'http', method: ['GET', 'POST'], path: '/{path+}', cors } as const];
  return t.standing({ events });
}

function preflight(
  origin: string,
  method = 'POST',
): { method: string; headers: Record<string, string> } {
  return {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'x-own',
    },
  };
}

function withJwt(t: ContractContext, scopes?: readonly string[]): Promise<Standing> {
  const jwt = {
    issuer: t.witness.issuer,
    audience: [AUDIENCE],
    ...(scopes === undefined ? {} : { scopes }),
  };
  return t.standing({ events: [{ type: 'http', path: '/{path+}', jwt }] });
}

async function bearer(
  t: ContractContext,
  change: Partial<TokenOptions> = {},
): Promise<{ headers: { authorization: string } }> {
  const token = await t.witness.token({
    audience: AUDIENCE,
    issuedAtMs: t.subject.clock.now(),
    ...change,
  });
  return { headers: { authorization: `Bearer ${token}` } };
}

/** What stands before the handler. */
export const HTTP_GUARD_CASES: readonly ContractCase[] = [
  http(
    'cors-preflight',
    'A preflight from an allowed origin is answered, and the function does not run',
    ['event.http', 'event.http.cors'],
    async (t) => {
      const { manager, ran } = await withCors(t);
      const reply = await t.fetch(manager, '/ping', preflight(ORIGIN));
      assert.ok(reply.status === 204 || reply.status === 200, `status ${reply.status}`);
      assert.equal(reply.header('access-control-allow-origin'), ORIGIN);
      assert.equal(reply.header('access-control-allow-credentials'), 'true');
      assert.equal(reply.header('access-control-max-age'), '120');
      assert.match(reply.header('access-control-allow-methods') ?? '', /POST/);
      assert.match(reply.header('access-control-allow-headers') ?? '', /x-own/i);
      assert.equal(ran('http'), 0);
    },
  ),
  http(
    'cors-stranger',
    'A preflight from another origin gets no permission',
    ['event.http', 'event.http.cors'],
    async (t) => {
      const { manager, ran } = await withCors(t);
      const reply = await t.fetch(manager, '/ping', preflight('https://evil.example'));
      assert.equal(reply.header('access-control-allow-origin'), undefined);
      assert.equal(ran('http'), 0);
    },
  ),
  http(
    'cors-request',
    'A request from an allowed origin gets its headers, also when the handler fails',
    ['event.http', 'event.http.cors'],
    async (t) => {
      const { manager } = await withCors(t);
      for (const path of ['/teapot', '/throw']) {
        const reply = await t.fetch(manager, path, { headers: { origin: ORIGIN } });
        assert.equal(reply.header('access-control-allow-origin'), ORIGIN, path);
        assert.match(reply.header('access-control-expose-headers') ?? '', /x-kind/i);
        assert.match(reply.header('vary') ?? '', /origin/i);
      }
    },
  ),
  http(
    'cors-default',
    'cors: true allows any origin',
    ['event.http', 'event.http.cors'],
    async (t) => {
      const { manager } = await t.deployed({
        events: [{ type: 'http', path: '/ping', cors: true }],
      });
      const reply = await t.fetch(manager, '/ping', { headers: { origin: ORIGIN } });
      assert.equal(reply.status, 200);
      assert.equal(reply.header('access-control-allow-origin'), '*');
    },
  ),
  http(
    'cors-impossible',
    'Credentials for any origin are refused',
    ['event.http', 'event.http.cors'],
    async (t) => {
      const { manager } = await t.deployed();
      await t.withoutWrites(() =>
        t.refused(
          () =>
            manager.configureEvent('main', {
              type: 'http',
              path: '/ping',
              cors: { origins: ['*'], credentials: true },
            }),
          { code: 'INVALID_ARGUMENT', says: ['credentials'] },
        ),
      );
    },
  ),
  http(
    'jwt-valid',
    'A valid token is let through, and its claims arrive',
    ['event.http', 'event.http.jwt'],
    async (t) => {
      const { manager } = await withJwt(t);
      const init = await bearer(t, { subject: 'user-7', claims: { tenant: 'blue' } });
      const reply = await t.fetch(manager, '/any', init);
      assert.equal(reply.status, 200);
      const seen: JsonValue = JSON.parse(reply.text);
      const claims = object(object(seen)['claims']);
      assert.equal(claims['sub'], 'user-7');
      assert.equal(claims['tenant'], 'blue');
      assert.equal(claims['iss'], t.witness.issuer);
    },
  ),
  http(
    'jwt-missing',
    'Without a token the answer is 401, and the function does not run',
    ['event.http', 'event.http.jwt'],
    async (t) => {
      const { manager, ran } = await withJwt(t);
      const headers = [
        {},
        { authorization: '' },
        { authorization: 'Bearer' },
        { authorization: 'Bearer a.b.c' },
        { authorization: 'Basic YTpi' },
      ];
      for (const sent of headers) {
        const reply = await t.fetch(manager, '/ping', { headers: sent });
        assert.equal(reply.status, 401);
      }
      assert.equal(ran('http'), 0);
    },
  ),
  http(
    'jwt-wrong',
    'Expired, foreign, forged and unsigned tokens are refused',
    ['event.http', 'event.http.jwt'],
    async (t) => {
      const { manager, ran } = await withJwt(t);
      const now = t.subject.clock.now();
      const wrong: readonly Partial<TokenOptions>[] = [
        { issuedAtMs: now - 3_600_000 },
        { audience: 'another-api' },
        { issuer: 'https://another.example' },
        { key: 'other' },
        { key: 'none' },
      ];
      for (const change of wrong) {
        const reply = await t.fetch(manager, '/ping', await bearer(t, change));
        assert.ok(
          reply.status === 401 || reply.status === 403,
          `${JSON.stringify(change)}: ${reply.status}`,
        );
      }
      assert.equal(ran('http'), 0);
    },
  ),
  http(
    'jwt-scope',
    'A token without the scope is refused, and one with it is let through',
    ['event.http', 'event.http.jwt'],
    async (t) => {
      const { manager, ran } = await withJwt(t, ['orders:read']);
      assert.equal(
        (await t.fetch(manager, '/ping', await bearer(t, { scope: 'other' }))).status,
        403,
      );
      const reply = await t.fetch(
        manager,
        '/ping',
        await bearer(t, { scope: 'other orders:read' }),
      );
      assert.equal(reply.status, 200);
      assert.equal(ran('http'), 1);
    },
  ),
  http(
    'rate-limit',
    'More requests than allowed are 429, and later ones are served again',
    ['event.http', 'event.http.rateLimit'],
    async (t) => {
      const rateLimit = { requestsPerSecond: 1, burst: 2 };
      const { manager } = await t.deployed({
        events: [{ type: 'http', path: '/ping', rateLimit }],
      });
      const statuses = [];
      for (let turn = 0; turn < 12; turn += 1)
        statuses.push((await t.fetch(manager, '/ping')).status);
      assert.deepEqual(statuses.slice(0, 2), [200, 200]);
      assert.ok(statuses.includes(429), `statuses: ${statuses.join()}`);
      await t.subject.clock.advance(3000);
      assert.equal((await t.fetch(manager, '/ping')).status, 200);
    },
  ),
  http(
    'rate-limit-apart',
    'The limit of one route does not slow another',
    ['event.http', 'event.http.rateLimit'],
    async (t) => {
      const rateLimit = { requestsPerSecond: 1, burst: 1 };
      const { manager } = await t.deployed({
        events: [
          { type: 'http', path: '/ping', rateLimit },
          { type: 'http', path: '/teapot' },
        ],
      });
      for (let turn = 0; turn < 4; turn += 1) await t.fetch(manager, '/ping');
      for (let turn = 0; turn < 4; turn += 1) {
        assert.equal((await t.fetch(manager, '/teapot')).status, 418);
      }
    },
  ),
];
