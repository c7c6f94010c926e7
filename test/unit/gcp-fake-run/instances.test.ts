import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fleet, InstanceSetup } from '../../fakes/gcp/core/ports.ts';
import {
  ACCOUNT,
  createSmallWorld,
  handler,
  PROJECT,
  request,
  setupOf,
  source,
  textOf,
  type SmallWorld,
} from './small-world.ts';

describe('instances', () => {
  let small: SmallWorld;
  beforeEach(async () => {
    small = await createSmallWorld();
  });
  afterEach(() => small.stop());

  async function started(code: string, setup: Partial<InstanceSetup> = {}): Promise<Fleet> {
    const { folder } = await small.runtime.build(await source(code), 'main');
    return small.runtime.start(setupOf(folder, setup));
  }
  const json = async (fleet: Fleet, url = '/'): Promise<Record<string, unknown>> => {
    const reply = await fleet.send(request(url));
    expect(reply.status).toBe(200);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the functions here answer with objects
    return JSON.parse(textOf(reply)) as Record<string, unknown>;
  };

  it('see their own variables and those of the platform', async () => {
    small.secrets.set('projects/p/secrets/s', 'from the store');
    const fleet = await started(handler('response.json(process.env);'), {
      env: { COLOR: 'blue', FUNCTION_TARGET: 'not this' },
      secretEnv: { TOKEN: { secret: 'projects/p/secrets/s', version: 'latest' } },
    });
    expect(await json(fleet)).toMatchObject({
      COLOR: 'blue',
      TOKEN: 'from the store',
      FUNCTION_TARGET: 'main',
      FUNCTION_SIGNATURE_TYPE: 'http',
      PORT: '8080',
      K_SERVICE: 'orders',
      K_REVISION: 'orders-00001-abc',
      K_CONFIGURATION: 'orders',
      NODE_ENV: 'production',
      GCE_METADATA_HOST: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
  });

  it('read their secrets anew at each start', async () => {
    const secret = { TOKEN: { secret: 's', version: 'latest' } };
    small.secrets.set('s', 'one');
    const code = handler(
      "if (request.path === '/exit') setImmediate(() => process.exit(0));\nresponse.json({ token: process.env.TOKEN, calls });",
    );
    const fleet = await started(code, { secretEnv: secret });
    expect(await json(fleet)).toEqual({ token: 'one', calls: 1 });
    small.secrets.set('s', 'two');
    expect(await json(fleet)).toEqual({ token: 'one', calls: 2 });
    await small.clock.advance(16 * 60_000);
    expect(await json(fleet)).toEqual({ token: 'two', calls: 1 });
    small.secrets.set('s', 'PERMISSION_DENIED');
    await small.clock.advance(16 * 60_000);
    expect(await fleet.send(request())).toMatchObject({ status: 500, fate: 'no-instance' });
  });

  it('do not start with a secret that may not be read, and say which', async () => {
    small.secrets.set('projects/p/secrets/s', 'PERMISSION_DENIED');
    const fleet = await started(handler(''), {
      env: { ONE: '1' },
      secretEnv: { TOKEN: { secret: 'projects/p/secrets/s', version: '3' } },
    });
    await expect(fleet.probe()).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: `Revision 'orders-00001-abc' is not ready and cannot serve traffic. spec.template.spec.containers[0].env[1].value_from.secret_key_ref.name: Permission denied on secret: projects/123456789012/secrets/s/versions/3 for Revision service account ${ACCOUNT}. The service account used must be granted the 'Secret Manager Secret Accessor' role (roles/secretmanager.secretAccessor) at the secret, project or higher level.`,
    });
  });

  it('get requests as they were sent, with what the platform adds', async () => {
    const fleet = await started(
      handler(
        'response.json({ method: request.method, url: request.originalUrl, raw: request.rawHeaders, body: request.rawBody.toString("hex"), id: request.executionId });',
      ),
    );
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const reply = await fleet.send(
      request('/a%20b?x=1&x=2', {
        method: 'POST',
        headers: [
          ['Host', 'orders.test'],
          ['X-Twice', 'a'],
          ['X-Twice', 'b'],
          ['Content-Type', 'application/octet-stream'],
          ['Transfer-Encoding', 'chunked'],
          ['Connection', 'keep-alive, x-hop'],
          ['X-Hop', '1'],
          ['traceparent', traceparent],
          ['X-Fake-Platform-Time', '1'],
        ].flat(),
        body: Buffer.from([0, 255, 10]),
      }),
    );
    const seen: unknown = JSON.parse(textOf(reply));
    expect(seen).toMatchObject({
      method: 'POST',
      url: '/a%20b?x=1&x=2',
      body: '00ff0a',
      id: expect.stringMatching(/^\w{12}$/),
    });
    const raw = textOf(reply);
    expect(raw).toContain('"X-Twice","a","X-Twice","b"');
    expect(raw).toContain(`"traceparent","${traceparent}"`);
    expect(raw).toContain(
      '"X-Cloud-Trace-Context","0af7651916cd43dd8448eb211c80319c/13235353014750950193;o=1"',
    );
    expect(raw).toMatch(/"X-Forwarded-Proto","https"/);
    expect(raw).not.toMatch(/x-hop|platform-time|chunked/i);
  });

  it('answer with repeated headers, bytes, and nothing but headers to HEAD', async () => {
    const fleet = await started(
      handler(
        "response.setHeader('Set-Cookie', ['a=1', 'b=2']).type('application/octet-stream').send(Buffer.from([1, 0, 254]));",
      ),
    );
    const reply = await fleet.send(request());
    expect([...reply.body]).toEqual([1, 0, 254]);
    const cookies = reply.headers.flatMap((name, at) =>
      at % 2 === 0 && name === 'Set-Cookie' ? [reply.headers[at + 1]] : [],
    );
    expect(cookies).toEqual(['a=1', 'b=2']);
    const head = await fleet.send(request('/', { method: 'HEAD' }));
    expect(head).toMatchObject({ status: 200, fate: 'answered' });
    expect(head.body.length).toBe(0);
    expect(head.headers.join()).toContain('Content-Length,3');
  });

  it('live in the platform’s time', async () => {
    const fleet = await started(
      handler(
        "if (request.path === '/wait') { const from = Date.now(); while (Date.now() - from < 3_600_000) await new Promise((resolve) => setTimeout(resolve, 5)); }\nresponse.json({ now: Date.now(), made: new Date().getTime(), own: new Date().constructor === Date });",
      ),
    );
    await small.clock.advance(48 * 3_600_000);
    const now = small.clock.now();
    const seen = await json(fleet);
    expect(Math.abs(Number(seen['now']) - now)).toBeLessThan(5000);
    expect(Math.abs(Number(seen['made']) - now)).toBeLessThan(5000);
    expect(seen['own']).toBe(true);
    const waiting = json(fleet, '/wait');
    await new Promise((resolve) => setTimeout(resolve, 60));
    await small.clock.advance(2 * 3_600_000);
    expect(Number((await waiting)['now'])).toBeGreaterThan(now + 3_600_000);
  });

  it('print lines that are there before the answer is', async () => {
    const fleet = await started(
      handler(
        "console.log('one\\ntwo'); console.error('three'); process.stdout.write('x'.repeat(200_000) + '\\n'); response.send('done');",
      ),
    );
    await fleet.send(request());
    const printed = small.lines.map(({ stream, text }) => `${stream} ${text.slice(0, 6)}`);
    expect(new Set(printed)).toEqual(
      new Set(['stderr three', 'stdout one', 'stdout two', 'stdout xxxxxx']),
    );
    expect(small.lines[0]).toMatchObject({
      service: 'orders',
      revision: 'orders-00001-abc',
      instanceId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(small.requests).toMatchObject([{ status: 200, service: 'orders' }]);
    expect(small.startups).toHaveLength(1);
    expect(small.memory[0]?.utilization).toBeGreaterThan(0);
  });

  it('have a metadata server that knows who they are', async () => {
    const code = handler(`
  const base = 'http://' + process.env.GCE_METADATA_HOST + '/computeMetadata/v1';
  const get = async (path, headers = { 'Metadata-Flavor': 'Google' }) => {
    const answer = await fetch(base + path, { headers });
    return { status: answer.status, text: await answer.text() };
  };
  const account = '/instance/service-accounts/default';
  response.json({
    bare: (await get('/project/project-id', {})).status,
    project: (await get('/project/project-id')).text,
    number: (await get('/project/numeric-project-id')).text,
    email: (await get(account + '/email')).text,
    token: JSON.parse((await get(account + '/token')).text),
    identity: (await get(account + '/identity?audience=https://a.test')).text,
    nobody: (await get(account + '/identity')).status,
    other: (await get('/instance/service-accounts/other@x/token')).status,
  });`);
    const seen = await json(await started(code));
    expect(seen).toMatchObject({
      bare: 403,
      project: PROJECT,
      number: '123456789012',
      email: ACCOUNT,
      token: { token_type: 'Bearer', expires_in: 3599 },
      nobody: 400,
      other: 404,
    });
    expect(await small.identity.claimsOfIdToken(String(seen['identity']))).toEqual({
      email: ACCOUNT,
      aud: 'https://a.test',
    });
    const { access_token: token } = Object(seen['token']);
    expect(small.identity.callerOfAccessToken(String(token))).toEqual({
      kind: 'account',
      email: ACCOUNT,
    });
  });

  describe('that fail', () => {
    it('to start say why', async () => {
      const fleet = await started("console.error('first');\nthrow new Error('broken at load');");
      await expect(fleet.probe()).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
        message: expect.stringMatching(
          /^Revision 'orders-00001-abc' is not ready and cannot serve traffic\. The user-provided container failed to start and listen on the port defined provided by the PORT=8080 environment variable[^]*Logs: first[^]*broken at load/,
        ),
      });
      expect(small.lines.some(({ text }) => text === 'Container called exit(1).')).toBe(true);
      expect(await fleet.send(request())).toMatchObject({ status: 500, fate: 'no-instance' });
    });

    it('to listen are given up', async () => {
      const fleet = await started('await new Promise((resolve) => setTimeout(resolve, 60_000));');
      const probed = fleet.probe().then(
        () => 'ready',
        (cause: unknown) => String(cause),
      );
      await new Promise((resolve) => setTimeout(resolve, 50));
      await small.clock.advance(5 * 60_000);
      expect(await probed).toMatch(/within the allocated timeout/);
    });

    it('by throwing answer 500, and serve on', async () => {
      const fleet = await started(
        handler("if (calls === 1) throw new TypeError('oh no');\nresponse.json({ calls });"),
      );
      const reply = await fleet.send(request());
      expect(reply).toMatchObject({ status: 500, fate: 'answered' });
      expect(small.lines.some(({ text }) => text.includes('oh no'))).toBe(true);
      expect(await json(fleet)).toMatchObject({ calls: 2 });
    });

    it('by exiting are replaced', async () => {
      const code = handler(
        "if (request.path === '/exit') process.exit(3);\nif (request.path === '/abort') process.kill(process.pid, 'SIGKILL');\nresponse.json({ calls });",
      );
      const fleet = await started(code);
      expect(await json(fleet)).toEqual({ calls: 1 });
      for (const path of ['/exit', '/abort']) {
        const { status } = await fleet.send(request(path));
        expect(status).toBeGreaterThanOrEqual(500);
        expect(await json(fleet)).toEqual({ calls: 1 });
      }
      expect(small.lines.map(({ text }) => text)).toEqual(
        expect.arrayContaining(['Container called exit(3).', 'Container terminated on signal 9.']),
      );
    });

    it('by breaking off the answer, or sending none, answer 503', async () => {
      const fleet = await started(
        handler(
          "response.writeHead(200, { 'content-length': '10' }); response.write('half'); setTimeout(() => response.destroy(), 20);",
        ),
      );
      const reply = await fleet.send(request());
      expect(reply).toMatchObject({ status: 503, fate: 'crashed' });
      expect(textOf(reply)).toBe(
        'The request failed because either the HTTP response was malformed or connection to the instance had an error.',
      );
    });

    it('by taking too long answer 504, while the code runs on', async () => {
      const code = handler(
        "if (request.path === '/slow') { await new Promise((resolve) => setTimeout(resolve, 700)); console.log('ran on'); }\nresponse.json({ calls });",
      );
      const fleet = await started(code, { timeoutSeconds: 0.4, maxInstances: 1 });
      const reply = await fleet.send(request('/slow'));
      expect(reply).toMatchObject({ status: 504, fate: 'timeout' });
      expect(textOf(reply)).toBe('upstream request timeout');
      expect(await json(fleet)).toEqual({ calls: 2 });
      await expect.poll(() => small.lines.map(({ text }) => text)).toContain('ran on');
      expect(small.requests.map(({ status }) => status)).toEqual([504, 200]);
    });

    it('by looping answer 504, and get no more requests', async () => {
      const fleet = await started(
        handler("if (request.path === '/loop') for (;;);\nresponse.json({ calls });"),
        { timeoutSeconds: 0.3 },
      );
      expect(await json(fleet)).toEqual({ calls: 1 });
      expect(await fleet.send(request('/loop'))).toMatchObject({ status: 504, fate: 'timeout' });
      expect(await json(fleet)).toEqual({ calls: 1 });
    });

    it('by taking too much memory are ended', async () => {
      const fleet = await started(
        handler(
          "if (request.path === '/eat') { const eaten = []; for (let at = 0; at < 384; at += 1) { eaten.push(Buffer.alloc(1024 * 1024, 1)); await new Promise((resolve) => setTimeout(resolve, 1)); } await new Promise((resolve) => setTimeout(resolve, 5000)); }\nresponse.json({ calls });",
        ),
        { memoryMb: 128 },
      );
      expect(await json(fleet)).toEqual({ calls: 1 });
      expect(await fleet.send(request('/eat'))).toMatchObject({ status: 503, fate: 'crashed' });
      expect(small.lines.at(-1)?.text).toMatch(
        /^Memory limit of 128 MiB exceeded with \d+ MiB used/,
      );
      expect(await json(fleet)).toEqual({ calls: 1 });
    });
  });
});
