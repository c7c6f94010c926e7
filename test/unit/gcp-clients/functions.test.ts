import { describe, expect, it } from 'vitest';
import { callFunctions } from '../../../providers/gcp/clients/functions.ts';
import { clientsOf, failureOf, LOCATION, NEVER, PROJECT, serve } from './server.ts';

const PARENT = `projects/${PROJECT}/locations/${LOCATION}`;
const NAME = `${PARENT}/functions/orders`;

describe("the vendor's client for functions", () => {
  it('speaks REST with our token', async () => {
    const server = await serve(() => ({ body: { name: NAME, state: 2, environment: 'GEN_2' } }));
    const gcp = clientsOf(server);
    const [found] = await callFunctions(gcp, NEVER, (client, options) =>
      client.getFunction({ name: NAME }, options),
    );
    expect(found).toMatchObject({ name: NAME, state: 'FAILED', environment: 'GEN_2' });
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({ method: 'GET' });
    expect(server.seen[0]?.url).toMatch(`/v2/${NAME}?`);
    expect(server.seen[0]?.headers.authorization).toBe('Bearer token-1');
  });

  it('begins an operation, and leaves the waiting to others', async () => {
    const operation = `${PARENT}/operations/op-1`;
    const server = await serve(() => ({ body: { name: operation, done: false } }));
    const gcp = clientsOf(server);
    const [begun] = await callFunctions(gcp, NEVER, (client, options) =>
      client.createFunction(
        {
          parent: PARENT,
          functionId: 'orders',
          function: { environment: 'GEN_2', buildConfig: { runtime: 'nodejs24' } },
        },
        options,
      ),
    );
    expect(begun.name).toBe(operation);
    expect(server.seen.map(({ method }) => method)).toEqual(['POST']);
    expect(JSON.parse(server.seen[0]?.body ?? '')).toMatchObject({
      buildConfig: { runtime: 'nodejs24' },
    });
  });

  it('sends everything once, whatever it is answered', async () => {
    for (const status of [401, 403, 429, 500, 503]) {
      const server = await serve(() => ({
        status,
        body: { error: { code: status, message: 'No.' } },
      }));
      const gcp = clientsOf(server);
      const direct = async (): Promise<unknown> =>
        (await gcp.functions()).getFunction({ name: NAME });
      expect(await failureOf(direct())).toMatchObject({ httpStatusCode: status });
      const called = callFunctions(gcp, NEVER, (client, options) =>
        client.deleteFunction({ name: NAME }, options),
      );
      expect(await failureOf(called)).toMatchObject({ httpStatusCode: status });
      expect(server.seen).toHaveLength(2);
    }
  });

  it('sends once what breaks on its way', async () => {
    const server = await serve(() => ({ resets: true }));
    const gcp = clientsOf(server);
    const called = callFunctions(gcp, NEVER, (client, options) =>
      client.getFunction({ name: NAME }, options),
    );
    expect(await failureOf(called)).toMatchObject({ code: 14 });
    expect(server.seen).toHaveLength(1);
  });

  it('keeps the reason of a refusal', async () => {
    const server = await serve(() => ({
      status: 403,
      body: {
        error: {
          code: 403,
          message: 'Cloud Functions API has not been used in project 1 before or it is disabled.',
          status: 'PERMISSION_DENIED',
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
              reason: 'SERVICE_DISABLED',
              domain: 'googleapis.com',
              metadata: { service: 'cloudfunctions.googleapis.com', consumer: 'projects/1' },
            },
          ],
        },
      },
    }));
    const called = callFunctions(clientsOf(server), NEVER, (client, options) =>
      client.getFunction({ name: NAME }, options),
    );
    expect(await failureOf(called)).toMatchObject({
      code: 7,
      reason: 'SERVICE_DISABLED',
      errorInfoMetadata: { service: 'cloudfunctions.googleapis.com' },
    });
  });

  it('rejects with the reason of the signal, not with an answer of Google', async () => {
    const server = await serve(() => ({ hangs: true }));
    const gcp = clientsOf(server);
    const controller = new AbortController();
    const called = callFunctions(gcp, controller.signal, (client, options) =>
      client.getFunction({ name: NAME }, options),
    );
    const reason = new Error('given up');
    const failure = failureOf(called);
    while (server.seen.length === 0) await new Promise(setImmediate);
    controller.abort(reason);
    expect(await failure).toBe(reason);
  });

  it('is one for all callers', async () => {
    const gcp = clientsOf(await serve(() => ({})));
    const [first, second] = await Promise.all([gcp.functions(), gcp.functions()]);
    expect(first).toBe(second);
  });
});
