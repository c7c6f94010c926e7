/** The path that a handler sees is one of the route by which API Gateway let the request in. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRoutePolicies } from '../../../providers/aws/route-policy.ts';
import { decode, matchRoute } from '../../fakes/aws/apigateway/route-match.ts';
import { tellPath } from '../http/as-sent.ts';
import { gatewayEvent, type GatewayOptions } from './events.ts';
import { entryOf, lambdaContext } from './inside.ts';

interface Reply {
  readonly statusCode: number;
  readonly body?: string;
}

async function send(options: GatewayOptions): Promise<Reply> {
  const entry = entryOf({ http: tellPath });
  const reply: unknown = await entry.handler(gatewayEvent(options), lambdaContext());
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests look at what it holds
  return reply as Reply;
}

const ROUTES = [
  '/public/{rest+}',
  '/admin/{rest+}',
  '/admin/users',
  '/{id}',
  '/a/{b}/{c}',
  '/a/{b}/{c}/pay',
].map((path) => ({ key: `ANY ${path}` }));

/** As API Gateway sends what came for a path, which it decodes. */
function routed(sent: string): GatewayOptions | undefined {
  const match = matchRoute(ROUTES, 'GET', sent);
  if (match === undefined) return undefined;
  const path = decode(sent).split('?', 1)[0] ?? '/';
  return { path, routeKey: match.route.key, pathParameters: match.params };
}

describe('behind API Gateway', () => {
  it.each([
    '/public/../admin/users',
    '/public/%2e%2e/admin/users',
    '/public/.%2E/admin/users',
    '/public/a/../../admin/users',
    '/public/./a',
    '/public/..',
    '/a/../b',
    '/a/b/%2e',
    // In the rest of a path, API Gateway decodes an encoded slash, too.
    '/public/..%2Fadmin%2Fusers',
  ])('%s is refused: its route was chosen for another path', async (sent) => {
    const options = routed(sent);
    expect(options).toBeDefined();
    const { statusCode, body = '' } = await send(options ?? {});
    expect(statusCode).toBe(400);
    expect(body).toContain('normal form');
  });

  it.each([
    ['/public/a', '/public/{rest+} /public/a'],
    ['/public/a/', '/public/{rest+} /public/a/'],
    ['/public//a', '/public/{rest+} /public//a'],
    ['/public/..;/admin', '/public/{rest+} /public/..;/admin'],
    ['/public/...', '/public/{rest+} /public/...'],
    ['/public/a%5C..%5Cb', '/public/{rest+} /public/a%5C..%5Cb'],
    ['/a/..%2Fb/c', '/a/{b}/{c} /a/..%2Fb/c'],
    ['/admin%2Fusers%252e', '/{id} /admin%2Fusers%252e'],
    // What is told of a path ends at a question mark that was encoded.
    ['/a/b/c%3Fd/pay', '/a/{b}/{c}/pay /a/b/c%3Fd/pay'],
    ['/caf%C3%A9', '/{id} /caf%C3%A9'],
  ])('%s reaches its handler as it was sent', async (sent, seen) => {
    const { statusCode, body } = await send(routed(sent) ?? {});
    expect([statusCode, body]).toEqual([200, seen]);
  });

  it('no handler sees a path of another route than its own', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '/',
        '/',
        '/',
        '.',
        '..',
        '%2e',
        '%2E%2e',
        '\\',
        '%3F',
        '%23',
        ' ',
        '%',
        '//',
      ),
      fc.constantFrom(
        'public',
        'admin',
        'users',
        'a',
        'pay',
        ';',
        '%2F',
        '%5c',
        '%252e',
        '\t',
        'ü',
      ),
      fc.string({ unit: 'binary', maxLength: 2 }),
    );
    const target = fc
      .array(piece, { maxLength: 10 })
      .map((pieces) => `/${pieces.join('').replaceAll(/[?#]/g, '')}`);
    await fc.assert(
      fc.asyncProperty(target, async (sent) => {
        const options = routed(sent);
        if (options === undefined) return;
        const { statusCode, body = '' } = await send(options);
        if (statusCode === 400) return;
        const [, path = ''] = body.split(' ');
        expect(matchRoute(ROUTES, 'GET', path)?.route.key).toBe(options.routeKey);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('an encoded slash in the rest of a path', () => {
  const PATHS = [
    '/{path+}',
    '/admin/{rest+}',
    '/admin/users/{id}',
    '/files/{name}',
    '/files/{rest+}',
  ];
  const stageVariables = encodeRoutePolicies(
    PATHS.map((path) => ({
      id: path,
      origin: 'spec',
      event: { type: 'http', enabled: true, methods: ['ANY'], path },
    })),
  );
  const keys = PATHS.map((path) => ({ key: `ANY ${path}` }));
  const sendTo = async (sent: string) => {
    const match = matchRoute(keys, 'GET', sent);
    if (match === undefined) return undefined;
    const { route, params } = match;
    const path = decode(sent).split('?', 1)[0] ?? '/';
    const options = { path, routeKey: route.key, pathParameters: params, stageVariables };
    return { ...(await send(options)), routeKey: route.key };
  };

  it.each([
    ['/admin%2Fusers', 400],
    ['/admin%2fusers%2f7', 400],
    ['/admin/users%2F7', 400],
    ['/other%2Fa', 200],
    ['/admin%2F', 200],
    ['/files/a%2Fb/c', 200],
    ['/files/a%2Fb', 200],
    ['/admin', 200],
    ['/admin/users', 200],
    ['/admin/users/7/8', 200],
    ['/admin/users//8', 200],
  ])('of %s makes it %d: it is not shown as the path of another route', async (sent, status) => {
    expect(await sendTo(sent)).toMatchObject({ statusCode: status });
  });

  it('never shows a handler a path of another route, and refuses no path without it', async () => {
    const part = fc.constantFrom(
      '/',
      '/',
      '/',
      '%2F',
      '%2f',
      '%252F',
      'admin',
      'users',
      'files',
      'a',
    );
    const target = fc.array(part, { maxLength: 10 }).map((parts) => `/${parts.join('')}`);
    await fc.assert(
      fc.asyncProperty(target, async (sent) => {
        const answer = await sendTo(sent);
        if (answer === undefined) return;
        const { statusCode, body = '', routeKey } = answer;
        if (!/%2f/i.test(sent)) expect(statusCode).toBe(200);
        if (statusCode !== 200) return;
        expect(matchRoute(keys, 'GET', body.split(' ')[1] ?? '')?.route.key).toBe(routeKey);
      }),
      { numRuns: 1_000 },
    );
  });
});

it('a function URL has one route, which takes the normal form of every path', async () => {
  for (const [path, seen] of [
    ['/public/../admin/users', '/admin/users'],
    ['/public/%2e%2e/a', '/a'],
    ['//a/../b', '//b'],
    ['/a%2F..%2Fb', '/a%2F..%2Fb'],
  ]) {
    const { body } = await send({ path: path ?? '' });
    expect(body).toBe(`/{path+} ${seen}`);
  }
});
