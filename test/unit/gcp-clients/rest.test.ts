import { ServerlessError } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { GoogleApiError } from '../../../providers/gcp/clients/error.ts';
import { clientsOf, failureOf, NEVER, serve, tokenClient } from './server.ts';

const TOPIC = '/v1/projects/p/topics/t';

describe('a call over REST', () => {
  it('is signed, and its JSON comes back', async () => {
    const server = await serve(() => ({ body: { name: 'projects/p/topics/t' } }));
    const gcp = clientsOf(server);
    const reply = await gcp.rest({
      api: 'pubsub',
      method: 'PATCH',
      path: TOPIC,
      query: { updateMask: 'labels,retention', force: true },
      body: { topic: { labels: {} } },
      signal: NEVER,
    });
    expect(reply).toEqual({ name: 'projects/p/topics/t' });
    expect(server.seen).toMatchObject([
      {
        method: 'PATCH',
        url: `${TOPIC}?updateMask=labels%2Cretention&force=true`,
        body: '{"topic":{"labels":{}}}',
        headers: { authorization: 'Bearer token-1', 'content-type': 'application/json' },
      },
    ]);
  });

  it('without a body answers an empty object', async () => {
    const gcp = clientsOf(await serve(() => ({ status: 204 })));
    const call = { api: 'pubsub', method: 'DELETE', path: TOPIC, signal: NEVER } as const;
    expect(await gcp.rest(call)).toEqual({});
  });

  it('names the project whose quota counts, for credentials that have one', async () => {
    const server = await serve(() => ({ body: {} }));
    const client = tokenClient('token-1');
    client.quotaProjectId = 'billing-project';
    const gcp = clientsOf(server, { client });
    await gcp.rest({ api: 'run', method: 'GET', path: '/v2/x', signal: NEVER });
    expect(server.seen[0]?.headers['x-goog-user-project']).toBe('billing-project');
  });

  it('is not repeated, whatever it is answered', async () => {
    for (const status of [401, 403, 429, 500, 503]) {
      const server = await serve(() => ({ status, body: {} }));
      const gcp = clientsOf(server);
      const call = gcp.rest({ api: 'run', method: 'GET', path: '/v2/x', signal: NEVER });
      expect(await failureOf(call)).toMatchObject({ name: 'GoogleApiError', status });
      expect(server.seen).toHaveLength(1);
    }
  });

  it('rejects with the reason of its signal', async () => {
    const server = await serve(() => ({ hangs: true }));
    const gcp = clientsOf(server);
    const controller = new AbortController();
    const call = gcp.rest({
      api: 'run',
      method: 'GET',
      path: '/v2/x',
      signal: controller.signal,
    });
    const reason = new Error('given up');
    while (server.seen.length === 0) await new Promise(setImmediate);
    controller.abort(reason);
    expect(await failureOf(call)).toBe(reason);
  });

  it('goes to other machines only encrypted', async () => {
    const gcp = clientsOf({ url: 'http://198.51.100.7:8080' });
    const failure = await failureOf(
      gcp.rest({ api: 'run', method: 'GET', path: '/v2/x', signal: NEVER }),
    );
    expect(failure).toBeInstanceOf(ServerlessError);
    expect(failure).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('http://198.51.100.7:8080'),
    });
    const upload = gcp.http({
      method: 'PUT',
      url: 'http://198.51.100.7/upload',
      body: 'zip',
      signal: NEVER,
    });
    expect(await failureOf(upload)).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('is refused once the clients are closed', async () => {
    const server = await serve(() => ({ body: {} }));
    const gcp = clientsOf(server);
    await gcp.close();
    await gcp.close();
    const call = gcp.rest({ api: 'run', method: 'GET', path: '/v2/x', signal: NEVER });
    expect(await failureOf(call)).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await failureOf(gcp.functions())).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(server.seen).toEqual([]);
  });
});

describe('a refusal', () => {
  const refusals: readonly {
    readonly what: string;
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly means: object;
  }[] = [
    {
      what: 'of an API of today',
      status: 403,
      body: {
        error: {
          code: 403,
          message: 'Cloud Run Admin API has not been used in project 1 before or it is disabled.',
          status: 'PERMISSION_DENIED',
          details: [
            { '@type': 'type.googleapis.com/google.rpc.Help', links: [] },
            {
              '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
              reason: 'SERVICE_DISABLED',
              domain: 'googleapis.com',
              metadata: { service: 'run.googleapis.com', consumer: 'projects/1' },
            },
          ],
        },
      },
      means: {
        code: 'PERMISSION_DENIED',
        reason: 'SERVICE_DISABLED',
        message: expect.stringContaining('has not been used'),
      },
    },
    {
      what: 'of Cloud Storage',
      status: 412,
      body: {
        error: {
          code: 412,
          message: 'At least one of the pre-conditions you specified did not hold.',
          errors: [
            {
              message: 'At least one of the pre-conditions you specified did not hold.',
              domain: 'global',
              reason: 'conditionNotMet',
              locationType: 'header',
              location: 'If-Match',
            },
          ],
        },
      },
      means: { code: 'conditionNotMet', reason: '' },
    },
    {
      what: 'of an upload URL',
      status: 403,
      body: "<?xml version='1.0' encoding='UTF-8'?><Error><Code>SignatureDoesNotMatch</Code><Message>Access denied.</Message></Error>",
      means: { code: 'SignatureDoesNotMatch', message: 'Access denied.' },
    },
    {
      what: 'of a stream',
      status: 404,
      body: [{ error: { code: 404, message: 'Not found.', status: 'NOT_FOUND' } }],
      means: { code: 'NOT_FOUND', message: 'Not found.' },
    },
    {
      what: 'of the front, as a page',
      status: 404,
      body: '<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title><p>The requested URL was not found</html>',
      means: { code: '', message: 'Error 404 (Not Found)!!1' },
    },
    {
      what: 'that says nothing',
      status: 502,
      means: { code: '', message: 'Google answered GET /v2/x with 502.' },
    },
    {
      what: 'that says when to come again, in a header',
      status: 429,
      headers: { 'retry-after': '7' },
      body: { error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED' } },
      means: { retryAfterMs: 7_000 },
    },
    {
      what: 'that says when to come again, as a date',
      status: 503,
      headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' },
      means: { retryAfterMs: 30_000 },
    },
    {
      what: 'that says when to come again, in its details',
      status: 429,
      body: {
        error: {
          code: 429,
          message: 'Slow down.',
          status: 'RESOURCE_EXHAUSTED',
          details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3.5s' }],
        },
      },
      means: { retryAfterMs: 3_500 },
    },
    {
      what: 'that is a success of somebody else',
      status: 200,
      body: '<html><title>Sign in to the hotel</title></html>',
      means: { status: 200, message: expect.stringContaining("is not Google's") },
    },
  ];
  const now = (): number => Date.UTC(2026, 0, 1);

  it.each(refusals)('$what is read', async ({ status, headers = {}, body, means }) => {
    const gcp = clientsOf(await serve(() => ({ status, headers, body })), { now });
    const failure = await failureOf(
      gcp.rest({ api: 'run', method: 'GET', path: '/v2/x', signal: NEVER }),
    );
    expect(failure).toBeInstanceOf(GoogleApiError);
    expect(failure).toMatchObject({ status, ...means });
  });
});

describe('a request that is no call of an API', () => {
  it('carries no token, and never rejects for a status', async () => {
    const server = await serve(() => ({
      status: 404,
      headers: { 'X-Goog-Hash': 'crc32c=abc' },
      body: 'no',
    }));
    const gcp = clientsOf(server);
    const answer = await gcp.http({
      method: 'PUT',
      url: `${server.url}/upload?X-Goog-Signature=abc`,
      headers: { 'content-type': 'application/zip' },
      body: new Uint8Array([80, 75]),
      signal: NEVER,
    });
    expect(answer).toMatchObject({ status: 404, text: 'no' });
    expect(answer.headers['x-goog-hash']).toBe('crc32c=abc');
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
    expect(server.seen[0]?.headers['content-type']).toBe('application/zip');
  });
});
