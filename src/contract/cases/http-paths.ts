import assert from 'node:assert/strict';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import type { JsonValue } from '../../function/json.types.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { object } from '../context.ts';

const http = casesOf('http');

/** The routes of the case, the most exact first. */
const ROUTES = ['/open/inner/{id}', '/open/{rest+}', '/shut/{rest+}'] as const;

const SENT = [
  '/open/../shut/a',
  '/open/%2e%2e/shut/a',
  '/open/.%2E/shut/a',
  '/open/a/../../shut/a',
  '/open/./../shut/./a',
  '/shut/../open/a',
  '/open/a/../inner/7',
  '/open/./inner/7',
  '/open/inner/7/../../a',
  '/open/a/../b',
  '/open/a/../..',
];

/** What stands before the routes: the paths of requests. */
export const HTTP_PATH_CASES: readonly ContractCase[] = [
  http(
    'dot-segments',
    'A path with dot segments is served by the route of its normal form, or by none',
    ['event.http'],
    async (t) => {
      const { manager } = await t.deployed({
        events: ROUTES.map((path) => ({ type: 'http', path }) as const),
      });
      const origin = (await manager.describe('main'))?.url ?? assert.fail('no url');
      for (const path of SENT) {
        const reply = await sendAsIs(origin, path);
        assert.ok(reply.status < 500, `${path}: status ${reply.status}`);
        if (reply.status >= 300) continue;
        const normal = new URL(path, 'http://any').pathname;
        const value: JsonValue = JSON.parse(reply.text);
        const { path: seen, route } = object(value);
        assert.deepEqual({ seen, route }, { seen: normal, route: routeOf(normal) }, path);
      }
    },
  ),
];

function routeOf(path: string): string | undefined {
  if (/^\/open\/inner\/[^/]+$/.test(path)) return ROUTES[0];
  return ROUTES.find((route) => path.startsWith(route.replace('{rest+}', '')));
}

/** With the path as it is written: whoever makes a `URL` of it resolves its dot segments. */
function sendAsIs(
  origin: string,
  path: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const { protocol, hostname, host, port, pathname } = new URL(origin);
  const send = protocol === 'https:' ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const outgoing = send(
      {
        // Not every resolver knows names under it.
        hostname: hostname.endsWith('.localhost') ? '127.0.0.1' : hostname,
        port,
        path: `${pathname.replace(/\/$/, '')}${path}`,
        headers: { host },
        agent: false,
      },
      (reply) => {
        textOf(reply).then((text) => resolve({ status: reply.statusCode ?? 0, text }), reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}
