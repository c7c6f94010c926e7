import { describe, expect, it } from 'vitest';
import { HOST_JSON, httpApp, makeRuntime, request } from './setup.ts';

describe('a start', () => {
  it('reports what the package registers', async () => {
    const host = makeRuntime().start(
      {
        'main.cjs': `const { app } = require('@azure/functions');
app.timer('tick', { schedule: '%WHEN%', retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: 1000 }, handler() {} });
app.storageQueue('orders', { queueName: 'orders', connection: 'DATA', handler() {} });`,
      },
      {
        settings: {
          WHEN: '0 */5 * * * *',
          DATA__queueServiceUri: 'https://x.queue.core.windows.net',
        },
      },
    );
    expect(await host.status()).toEqual({ state: 'Running', errors: [] });
    const functions = await host.functions();
    expect(functions.map(({ name }) => name)).toEqual(['tick', 'orders']);
    expect(functions[0]?.retryOptions).toMatchObject({
      retryStrategy: 'fixedDelay',
      maxRetryCount: 2,
      delayInterval: { seconds: 1 },
    });
    expect(Object.values(functions[1]?.bindings ?? {})[0]).toMatchObject({
      type: 'queueTrigger',
      queueName: 'orders',
      connection: 'DATA',
    });
  });

  it('loads modules, with `createRequire` too', async () => {
    const host = makeRuntime().start({
      'package.json': JSON.stringify({ main: 'src/*.mjs' }),
      'src/main.mjs': `import { createRequire } from 'node:module';
import functions from '@azure/functions';
const { app } = functions;
const core = createRequire(import.meta.url)('@azure/functions-core');
await new Promise((resolve) => setTimeout(resolve, 5));
app.get('http', { route: 'x', handler: async () => ({ body: typeof core.registerFunction + (await import('./other.js')).default }) });`,
      'src/other.js': `module.exports = '!';`,
    });
    expect(await request(host, '/x')).toMatchObject({ status: 200, text: 'function!' });
  });

  it('shows the settings and what Azure sets, and nothing of the machine', async () => {
    const host = makeRuntime().start(
      httpApp(`() => ({ jsonBody: { env: process.env, cwd: process.cwd() === __dirname } })`),
      { settings: { 'dots.and-dashes': '1', DB: 'x' }, identities: { 'client-1': 'principal-1' } },
    );
    const { env, cwd } = JSON.parse((await request(host, '/')).text);
    expect(cwd).toBe(true);
    expect(env).toMatchObject({
      'dots.and-dashes': '1',
      DB: 'x',
      WEBSITE_SITE_NAME: 'shop-orders',
      REGION_NAME: 'westeurope',
      FUNCTIONS_WORKER_RUNTIME: 'node',
      IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token',
      IDENTITY_HEADER: 'for client-1',
    });
    expect(env.WEBSITE_INSTANCE_ID).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.keys(env).filter((name) => /^(NODE|VITEST|npm)/.test(name))).toEqual([]);
  });

  it('leaves functions out that are wrong, and says why', async () => {
    const host = makeRuntime().start({
      'main.cjs': `const { app } = require('@azure/functions');
const handler = () => {};
app.timer('five', { schedule: '*/5 * * * *', handler });
app.timer('unresolved', { schedule: '%NOT_THERE%', handler });
app.storageQueue('unconnected', { queueName: 'orders', connection: 'NOWHERE', handler });
app.serviceBusTopic('half', { topicName: 'orders', connection: 'NOWHERE', handler });
app.storageQueue('odd', { queueName: 'orders', connection: 'NOWHERE', dataType: 'text', handler });
app.http('bad name', { handler });
app.http('twice', { handler });
app.http('TWICE', { handler });
app.http('open', { route: '{id', handler });
app.http('theirs', { route: 'admin/x', handler });`,
    });
    const { state, errors } = await host.status();
    expect(state).toBe('Running');
    expect(errors).toEqual([
      expect.stringMatching(
        /^The 'five' function is in error: .*'\*\/5 \* \* \* \*' was not recognized/,
      ),
      expect.stringMatching(/'unresolved' function is in error: .*'%NOT_THERE%' does not resolve/),
      expect.stringMatching(/'unconnected' function is in error: .*'NOWHERE' does not exist/),
      expect.stringMatching(/'half' function is in error: .*'subscriptionName'/),
      expect.stringMatching(/'odd' function is in error: .*"text" to type 'DataType'/),
      expect.stringMatching(/'bad name' is not a valid function name/),
      expect.stringMatching(/'TWICE' function is in error: .*unique/),
      expect.stringMatching(/'open' function is in error: .*incomplete parameter/),
      expect.stringMatching(/'theirs' function is in error: .*built in routes/),
    ]);
    expect((await host.functions()).map(({ name }) => name)).toEqual(['twice']);
  });

  it('needs the extension bundle for what is no part of the host', async () => {
    const host = makeRuntime().start(
      {
        'host.json': '{"version":"2.0"}',
        'main.cjs': `require('@azure/functions').app.storageQueue('q', { queueName: 'abc', connection: 'C', handler() {} });`,
      },
      { settings: { C: 'x' } },
    );
    expect((await host.status()).errors[0]).toMatch(/'queueTrigger' are not registered/);
  });

  it.each([
    [
      'throws',
      { 'main.cjs': `throw new Error('broken');` },
      /unable to load entry point "main.cjs": broken/,
    ],
    ['is not there', {}, /entry point "main.cjs": Found zero files/],
    ['ends the process', { 'main.cjs': `process.exit(3);` }, /node exited with code 3 \(0x3\)/],
  ])('fails when the main file %s', async (_, files, message) => {
    const runtime = makeRuntime();
    const host = runtime.start(files);
    const { state, errors } = await host.status();
    expect(state).toBe('Error');
    expect(errors).toEqual([expect.stringMatching(message)]);
    expect(await host.functions()).toEqual([]);
    expect((await request(host, '/')).status).toBe(503);
    expect(runtime.traces.some((line) => line.severity === 3 && message.test(line.message))).toBe(
      true,
    );
  });

  it('finds no functions without `main`', async () => {
    const runtime = makeRuntime();
    const host = runtime.start({ 'package.json': '{}' });
    expect(await host.status()).toEqual({ state: 'Running', errors: [] });
    expect(runtime.traces.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('No job functions found'),
    );
  });

  it.each([
    ['{', {}, /Unable to parse host configuration file/],
    ['{}', {}, /missing the required 'version'/],
    ['{"version":"1.0"}', {}, /'1.0' is an invalid value/],
    ['{"version":"2.0","functionTimeout":"soon"}', {}, /System.TimeSpan/],
    [HOST_JSON, { AzureFunctionsJobHost__extensions__queues__batchSize: '33' }, /batchSize/],
  ])('is refused with a wrong host.json: %s', async (text, settings, message) => {
    const host = makeRuntime().start({ ...httpApp('() => ({})'), 'host.json': text }, { settings });
    expect((await host.status()).errors).toEqual([expect.stringMatching(message)]);
  });
});
