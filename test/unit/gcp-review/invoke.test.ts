/** Calls while things change behind them, and what their failures are called. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { bindHandler } from 'polyfaas/function';
import { createDirectServer, parseDirectKeys, type DirectServer } from 'polyfaas/http';
import type { JsonValue } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import type { GcpClients } from '../../../providers/gcp/clients/index.ts';
import { classifyDirect } from '../../../providers/gcp/invoke/failure.ts';
import { createInvoker } from '../../../providers/gcp/invoke/index.ts';
import type { GcpObserved } from '../../../providers/gcp/model.ts';
import { EMPTY_RECORD } from '../../../providers/gcp/record.ts';
import { callContext } from '../../support/call-context.ts';

const REF = { app: 'shop', stage: 'dev', name: 'main' };
const KEYS = 'k1:0123456789abcdef';
const request = { input: 1, requestId: 'r1', idempotent: false, trace: undefined } as const;

function version(name: string, timeoutSeconds = 5): DirectServer {
  const identity = {
    app: 'shop',
    stage: 'dev',
    functionName: 'main',
    version: name,
    memoryMb: 512,
    timeoutSeconds,
    provider: 'gcp',
    region: 'europe-west1',
  };
  const runtime = bindHandler({ default: { invoke: () => `by ${name}` } }).start(identity, {
    write: () => {},
  });
  return createDirectServer({
    keys: () => parseDirectKeys(KEYS),
    identity,
    runtime: () => runtime,
    isFresh: () => false,
    initDurationMs: () => null,
    report: () => {},
  });
}

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A service with its tags, and what the adapter reads of it. */
async function startService() {
  const doors = new Map<string, DirectServer | Reply>();
  const server = createServer((incoming, outgoing) => {
    void buffer(incoming).then(async (body) => {
      const door = doors.get(incoming.headers.host ?? '');
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value);
      const { url = '/' } = incoming;
      const reply: Reply =
        door === undefined
          ? { status: 404, body: '<html>404' }
          : 'serve' in door
            ? await door.serve({ method: 'POST', url, headers, body })
            : door;
      outgoing.writeHead(reply.status, { ...reply.headers });
      outgoing.end(reply.body);
    });
  });
  server.listen(0);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const service = {
    doors,
    /** Names of the machine itself. */
    live: `localhost:${port}`,
    tag: `127.0.0.1:${port}`,
    reads: 0,
    settings: JSON.stringify({ keys: KEYS }),
    observed: observedOf(`http://localhost:${port}`, 'v1', ['v1', 'v2']),
    tags: {} as Readonly<Record<string, string>>,
    observe: (): Promise<GcpObserved> => {
      service.reads += 1;
      return Promise.resolve(service.observed);
    },
    gcp: {
      location: 'europe-west1',
      idToken: () => Promise.resolve('id'),
      rest: ({ api }: { api: string }): Promise<JsonValue> =>
        Promise.resolve(
          api === 'secretmanager'
            ? { payload: { data: Buffer.from(service.settings).toString('base64') } }
            : {
                trafficStatuses: Object.entries(service.tags).map(([tag, uri]) => ({ tag, uri })),
              },
        ),
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
  return service;
}

type Service = Awaited<ReturnType<typeof startService>>;

function observedOf(url: string, live: string, versions: readonly string[]): GcpObserved {
  const observed = {
    physicalName: 'shop-dev-main',
    functionName: 'projects/p/locations/l/functions/shop-dev-main',
    isStranger: false,
    function: { url, service: 'projects/p/locations/l/services/shop-dev-main' },
    secret: { name: 'projects/p/secrets/s' },
    record: {
      ...EMPTY_RECORD,
      live,
      versions: versions.map((name) => ({
        version: name,
        memoryMb: name === live ? 128 : 512,
        timeoutSeconds: name === live ? 1 : 30,
      })),
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what calls look at
  return observed as unknown as GcpObserved;
}

function invokerOf({ gcp, observe }: Service) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what calls use of them
  return createInvoker({ gcp: gcp as unknown as GcpClients, observe });
}

describe('a call that Cloud Run answers itself', () => {
  it('is blamed on no code, and may be repeated', async () => {
    await using service = await startService();
    const invoker = invokerOf(service);
    service.doors.set(service.live, { status: 500, body: '<html><title>500 Server Error</title>' });
    const thrown: unknown = await invoker
      .invoke(REF, { ...request, mode: 'sync' }, callContext())
      .catch((error: unknown) => error);
    expect(classifyDirect(thrown)).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    // It may have run.
    expect(classifyDirect(thrown)).not.toHaveProperty('didNotRun');
    await invoker.close();
  });
});

describe('a call of a version', () => {
  it('that was live finds its tag, when somebody else deployed meanwhile', async () => {
    await using service = await startService();
    const invoker = invokerOf(service);
    service.doors.set(service.live, version('v1'));
    const call = { ...request, mode: 'sync', version: 'v1' } as const;
    expect((await invoker.invoke(REF, call, callContext())).output).toBe('by v1');
    service.doors.set(service.live, version('v2'));
    service.doors.set(service.tag, version('v1'));
    service.tags = { vv1: `http://${service.tag}` };
    service.observed = observedOf(`http://${service.live}`, 'v2', ['v1', 'v2']);
    const again = await invoker.invoke(REF, { ...call, requestId: 'r2' }, callContext());
    expect([again.output, again.version]).toEqual(['by v1', 'v1']);
    await invoker.close();
  });

  it('is as patient as that version, and says what it has', async () => {
    await using service = await startService();
    const invoker = invokerOf(service);
    service.tags = { vv2: `http://${service.tag}` };
    const body =
      'The request failed because either the HTTP response was malformed or connection to the instance had an error.';
    service.doors.set(service.tag, { status: 503, body });
    const failing = invoker.invoke(REF, { ...request, mode: 'sync', version: 'v2' }, callContext());
    await expect(failing).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining('512 MB'),
    });
    service.doors.set(service.tag, { status: 504, body: 'upstream request timeout' });
    const late = invoker.invoke(REF, { ...request, mode: 'sync', version: 'v2' }, callContext());
    await expect(late).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('30 s'),
    });
    await invoker.close();
  });
});

describe('a look at a version', () => {
  const look = {
    audience: 'https://a',
    functionId: 'shop/dev/main',
    version: 'v1',
    secret: 'projects/p/secrets/s',
    ingress: 'ALLOW_ALL',
  } as const;

  it('that cannot start does not speak of memory that it does not know', async () => {
    await using service = await startService();
    service.doors.set(service.live, { status: 500, body: 'crash' });
    const verdict = await invokerOf(service).verify(
      { ...look, url: `http://${service.live}` },
      callContext(),
    );
    expect(verdict).toMatchObject({ message: expect.not.stringContaining('0 MB') });
  });

  it('says so when the settings are corrupt', async () => {
    await using service = await startService();
    service.settings = '{"keys":"k1:012';
    const looking = invokerOf(service).verify(
      { ...look, url: `http://${service.live}` },
      callContext(),
    );
    await expect(looking).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('what is known of functions', () => {
  it('is read once by all whom an old key failed', async () => {
    await using service = await startService();
    const invoker = invokerOf(service);
    service.doors.set(service.live, version('v1'));
    await invoker.invoke(REF, { ...request, mode: 'sync' }, callContext());
    expect(service.reads).toBe(1);
    service.settings = JSON.stringify({ keys: 'k9:fedcba9876543210' });
    const fresh = invokerOf(service);
    const failing = Array.from({ length: 5 }, (_, index) =>
      fresh.invoke(REF, { ...request, mode: 'sync', requestId: `a${index}` }, callContext()),
    );
    service.settings = JSON.stringify({ keys: KEYS });
    const outputs = (await Promise.all(failing)).map(({ output }) => output);
    expect(outputs).toEqual(outputs.map(() => 'by v1'));
    expect(service.reads).toBeLessThanOrEqual(3);
    await invoker.close();
    await fresh.close();
  });
});
