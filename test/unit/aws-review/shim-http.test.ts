/** Replies to requests where they are easily wrong. */
import { describe, expect, it } from 'vitest';
import { encodeRoutePolicies } from '../../../providers/aws/route-policy.ts';
import type { NormalHttpEvent } from '../../../src/spi/index.ts';
import { gatewayEvent, type GatewayOptions } from '../aws-shim/events.ts';
import { entryOf, lambdaContext } from '../aws-shim/inside.ts';

const ORIGIN = 'https://shop.example';

interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

type Handlers = Parameters<typeof entryOf>[0];

async function send(handlers: Handlers, options: GatewayOptions = {}, remainingMs = 5_000) {
  const context = lambdaContext({ getRemainingTimeInMillis: () => remainingMs });
  const reply: unknown = await entryOf(handlers).handler(gatewayEvent(options), context);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests look at what it holds
  return reply as Reply;
}

function withCors(event: Partial<NormalHttpEvent> = {}): GatewayOptions {
  const full: NormalHttpEvent = {
    type: 'http',
    enabled: true,
    methods: ['GET'],
    path: '/a',
    cors: {
      origins: [ORIGIN],
      methods: ['GET'],
      headers: [],
      exposeHeaders: [],
      credentials: false,
      maxAgeSeconds: 0,
    },
    ...event,
  };
  const stageVariables = encodeRoutePolicies([{ id: 'a', origin: 'spec', event: full }]);
  return { path: '/a', routeKey: 'GET /a', headers: { origin: ORIGIN }, stageVariables };
}

describe('a Lambda handler', () => {
  it('that sets cross-origin headers itself has them replaced, not doubled', async () => {
    const own = { 'Access-Control-Allow-Origin': '*', Vary: 'Accept', 'X-Own': '1' };
    const handler = async () => ({ statusCode: 200, headers: own, body: 'x' });
    const { headers } = await send(handler, withCors());
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    expect(names.toSorted()).toEqual(['access-control-allow-origin', 'vary', 'x-own']);
    expect(headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      vary: 'Accept, Origin',
      'X-Own': '1',
    });
  });

  it('has its body passed on without a look at it', async () => {
    const answer = { statusCode: 200, body: '__-_', isBase64Encoded: true };
    expect(await send(async () => answer)).toBe(answer);
  });
});

describe('a text', () => {
  const headers = { 'content-type': 'application/json' };

  it('that JSON would write longer than Lambda returns goes as base64', async () => {
    const body = '"'.repeat(4_000_000);
    const reply = await send({ http: () => new Response(body, { headers }) });
    expect(reply).toMatchObject({ statusCode: 200, isBase64Encoded: true });
    expect(Buffer.from(reply.body ?? '', 'base64').toString()).toBe(body);
  });

  it('of megabytes goes as it is where it fits', async () => {
    const body = 'x'.repeat(4_000_000);
    const reply = await send({ http: () => new Response(body, { headers }) });
    expect(reply.body).toBe(body);
  });
});

it('a body that streams without end is a 504', async () => {
  const body = (): ReadableStream =>
    new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
  const reply = await send({ http: () => new Response(body()) }, {}, 40);
  expect(reply.statusCode).toBe(504);
});

it('the methods of a path that takes all are named one by one', async () => {
  const { stageVariables = {} } = withCors({ methods: ['ANY'] });
  const options = { method: 'OPTIONS', path: '/a', routeKey: 'OPTIONS /a', stageVariables };
  const { headers } = await send({ http: () => new Response() }, options);
  expect(headers['allow']).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
});
