import { describe, expect, it } from 'vitest';
import { createRequest, type HttpMeta, type RequestParts } from 'polyfaas/function';
import { httpMeta, meta, start } from './support.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function request(changes: Partial<RequestParts> = {}): Request {
  return createRequest({
    method: 'POST',
    url: 'https://shop.example:8443/orders/7%20a?tag=a&tag=b&q=x%20y',
    headers: [
      'Content-Type',
      'application/json',
      'X-Tag',
      'a',
      'x-tag',
      'b',
      'Cookie',
      'c=1; d=2',
      'User-Agent',
      'test',
      'Host',
      'shop.example:8443',
    ],
    body: bytes('{"id":7}'),
    ...changes,
  });
}

/** What a Lambda handler sees. */
async function eventOf(
  made: Request,
  http: HttpMeta = httpMeta(),
): Promise<Record<string, unknown>> {
  const reply = await start(async (event: unknown) => event).call(
    { kind: 'http', event: made, http },
    meta({ requestId: 'r-7' }),
  );
  return reply instanceof Response ? JSON.parse(await reply.text()) : {};
}

async function responseOf(answer: unknown): Promise<Response> {
  const call = { kind: 'http', event: request(), http: httpMeta() } as const;
  const reply = await start(async () => answer).call(call, meta());
  if (reply instanceof Response) return reply;
  throw new Error('no Response');
}

describe('the HTTP event of a Lambda handler', () => {
  it('is the payload format 2.0', async () => {
    const event = await eventOf(request(), httpMeta({ clientAddress: '192.0.2.1' }));
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'POST /orders/{id}',
      rawPath: '/orders/7%20a',
      rawQueryString: 'tag=a&tag=b&q=x%20y',
      cookies: ['c=1', 'd=2'],
      headers: {
        'content-type': 'application/json',
        'x-tag': 'a,b',
        'user-agent': 'test',
        host: 'shop.example:8443',
        'x-forwarded-for': '192.0.2.1',
        'x-forwarded-port': '8443',
        'x-forwarded-proto': 'https',
      },
      queryStringParameters: { tag: 'a,b', q: 'x y' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'polyfaas',
        domainName: 'shop.example:8443',
        domainPrefix: 'shop',
        http: {
          method: 'POST',
          path: '/orders/7%20a',
          protocol: 'HTTP/1.1',
          sourceIp: '192.0.2.1',
          userAgent: 'test',
        },
        requestId: 'r-7',
        routeKey: 'POST /orders/{id}',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      pathParameters: { id: '7' },
      body: '{"id":7}',
      isBase64Encoded: false,
    });
  });

  it('leaves out what is not there', async () => {
    const plain = request({ method: 'GET', url: 'https://a.example/', headers: [], body: null });
    const event = await eventOf(plain, httpMeta({ params: {} }));
    for (const field of ['cookies', 'queryStringParameters', 'pathParameters', 'body']) {
      expect(event).not.toHaveProperty(field);
    }
    expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false, headers: {} });
  });

  it('takes a request that is not ours', async () => {
    const event = await eventOf(new Request('https://a.example/b', { headers: { 'X-A': '1' } }));
    expect(event['headers']).toEqual({
      'x-a': '1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    });
  });

  it('keeps what a proxy before it said of the client', async () => {
    const forwarded = { 'x-forwarded-for': '198.51.100.7, 10.0.0.1', 'x-forwarded-proto': 'https' };
    const event = await eventOf(new Request('http://a.example:8080/b', { headers: forwarded }));
    expect(event['headers']).toEqual({ ...forwarded, 'x-forwarded-port': '8080' });
  });

  it('gives the claims of the token as strings', async () => {
    const claims = {
      sub: 'u',
      exp: 1_900_000_000,
      admin: true,
      groups: ['a', 'b'],
      scope: 'read write',
    };
    const event = await eventOf(request(), httpMeta({ claims }));
    expect(event['requestContext']).toMatchObject({
      authorizer: {
        jwt: {
          claims: {
            sub: 'u',
            exp: '1900000000',
            admin: 'true',
            groups: '[a b]',
            scope: 'read write',
          },
          scopes: ['read', 'write'],
        },
      },
    });
  });

  it.each<[string, string, Uint8Array, boolean]>([
    ['a form', 'application/x-www-form-urlencoded', bytes('a=1'), true],
    ['an image', 'image/png', Uint8Array.of(0x89, 0x50, 0xff), true],
    ['text that is no UTF-8', 'text/plain', Uint8Array.of(0xff, 0xfe), true],
    ['problem details', 'application/problem+json', bytes('{}'), false],
    ['text', 'text/csv; charset=utf-8', bytes('ü'), false],
    ['XML', 'application/xml', bytes('<a/>'), false],
  ])('gives %s as text or as base64', async (_name, type, body, encoded) => {
    const event = await eventOf(request({ headers: ['content-type', type], body }));
    expect(event['isBase64Encoded']).toBe(encoded);
    expect(Buffer.from(String(event['body']), encoded ? 'base64' : 'utf8')).toEqual(
      Buffer.from(body),
    );
  });

  it('gives a compressed text as base64', async () => {
    const headers = ['content-type', 'application/json', 'content-encoding', 'gzip'];
    expect((await eventOf(request({ headers })))['isBase64Encoded']).toBe(true);
  });
});

describe('the answer of a Lambda handler to HTTP', () => {
  it('becomes a response', async () => {
    const response = await responseOf({
      statusCode: 201,
      headers: { 'Content-Type': 'text/html', 'X-Number': 5, 'x-none': undefined },
      multiValueHeaders: { 'x-many': ['a', 'b'] },
      cookies: ['a=1; Path=/', 'b=2'],
      body: '<p>',
    });
    expect([response.status, await response.text()]).toEqual([201, '<p>']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html',
      'x-number': '5',
      'x-many': 'a, b',
    });
    expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
    expect(response.headers.has('x-none')).toBe(false);
  });

  it('may carry binary bytes as base64', async () => {
    const body = Buffer.from([0, 255, 128]).toString('base64');
    const response = await responseOf({ statusCode: 200, body, isBase64Encoded: true });
    expect([...(await response.bytes())]).toEqual([0, 255, 128]);
  });

  it.each<[string, unknown, string]>([
    ['an object', { ok: true }, '{"ok":true}'],
    ['a list', [1], '[1]'],
    ['a string', 'Hello', 'Hello'],
    ['a number', 5, '5'],
    ['nothing', undefined, 'null'],
    ['a date inside', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  ])('without a status is the body of a 200: %s', async (_name, answer, text) => {
    const response = await responseOf(answer);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'application/json',
    ]);
    expect(await response.text()).toBe(text);
  });

  it('may have no body', async () => {
    expect(await (await responseOf({ statusCode: '404' })).text()).toBe('');
    const empty = await responseOf({ statusCode: 204, body: '' });
    expect([empty.status, empty.body]).toEqual([204, null]);
    const redirect = await responseOf({ statusCode: 302, headers: { location: '/b' } });
    expect([redirect.status, redirect.headers.get('location')]).toEqual([302, '/b']);
  });

  it.each<[unknown, string]>([
    [{ statusCode: 99 }, 'wrong "statusCode": 99. It must be a whole number from 200 to 599'],
    [{ statusCode: 'ok' }, 'wrong "statusCode": "ok"'],
    [{ statusCode: undefined }, 'wrong "statusCode": undefined'],
    [
      { statusCode: 200, body: { a: 1 } },
      'wrong "body": an object with a. It must be a string; use JSON.stringify',
    ],
    [{ statusCode: 200, headers: ['a'] }, 'wrong "headers": an array'],
    [{ statusCode: 200, headers: { a: {} } }, 'wrong "a"'],
    [{ statusCode: 200, cookies: 'a=1' }, 'wrong "cookies"'],
    [{ statusCode: 200, body: '%', isBase64Encoded: true }, 'no base64'],
  ])('is refused: %j', async (answer, words) => {
    await expect(responseOf(answer)).rejects.toThrow(words);
  });
});
