/** What a call comes to. The same in threads and in processes. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { CUSTOM_RUNTIME_FILES, zipOf } from '../../support/custom-runtime.ts';
import { asFailure, GROUP, Lab, pause, ROLE, START, version, versionOf } from './world.ts';

const SPIN = 'export const handler = async () => { for (;;); };';
const HANG = `export const handler = () => new Promise(() => setInterval(() => {}, 1000));`;
const ECHO = 'export const handler = async (event) => ({ seen: event });';
const COUNT = 'let calls = 0; export const handler = async () => (calls += 1);';

describe.each(['thread', 'process'] as const)('a function in a %s', (isolation) => {
  it('answers with what its handler returns', async () => {
    await using lab = new Lab({ isolation });
    const outcome = await lab.call(await version(ECHO), { name: 'Jörg', list: [1, null] });
    expect(outcome).toMatchObject({ statusCode: 200, executedVersion: '7' });
    expect(outcome.functionError).toBeUndefined();
    expect(outcome.value).toEqual({ seen: { name: 'Jörg', list: [1, null] } });
  });

  it('takes and gives a megabyte', async () => {
    await using lab = new Lab({ isolation });
    const { value } = await lab.call(await version(ECHO), 'ü'.repeat(1_000_000));
    expect(value).toEqual({ seen: 'ü'.repeat(1_000_000) });
  });

  it('fails with the error of its handler', async () => {
    await using lab = new Lab({ isolation });
    const config = await version(
      `export const handler = async () => { throw new TypeError('no such order'); };`,
    );
    const outcome = await lab.call(config);
    expect(outcome.statusCode).toBe(200);
    expect(outcome.functionError).toBe('Unhandled');
    expect(outcome.value).toMatchObject({
      errorType: 'TypeError',
      errorMessage: 'no such order',
      trace: expect.arrayContaining(['TypeError: no such order']),
    });
    // The instance goes on.
    await lab.call(config);
    expect(lab.small.messages.filter((line) => line.startsWith('INIT_START'))).toHaveLength(1);
  });

  it('keeps its state from call to call, and shares it with nobody', async () => {
    await using lab = new Lab({ isolation });
    const config = await version(COUNT);
    expect((await lab.call(config)).value).toBe(1);
    expect((await lab.call(config)).value).toBe(2);
    expect((await lab.call({ ...config, version: '8' })).value).toBe(1);
    expect((await lab.call(config)).value).toBe(3);
  });

  it.each([
    ['loops for ever', SPIN],
    ['never settles', HANG],
  ])('times out on the clock of the world when it %s', async (_name, source) => {
    await using lab = new Lab({ isolation });
    const config = await version(source, { timeoutSeconds: 1 });
    const call = lab.call(config, {}, { wantTail: true, requestId: 'request-1' });
    while (!lab.small.messages.some((line) => line.startsWith('START'))) await pause(2);
    await lab.small.advance(1000);
    const outcome = await call;
    expect(outcome.functionError).toBe('Unhandled');
    expect(asFailure(outcome.value)).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: 'RequestId: request-1 Error: Task timed out after 1.00 seconds',
    });
    expect(outcome.logTail).toMatch(/Duration: 1000\.00 ms\t.*Status: timeout/);
    expect(outcome.logTail).toContain('request-1 Task timed out after 1.00 seconds\nEND');
  });

  it('does not time out because the clock of the world runs ahead', async () => {
    await using lab = new Lab({ isolation });
    const call = lab.call(await version(ECHO, { timeoutSeconds: 1 }), 1);
    for (let turn = 0; turn < 20; turn += 1) {
      await lab.small.clock.advance(500);
      await pause(1);
    }
    expect((await call).value).toEqual({ seen: 1 });
  });

  it.each([
    [3, 'Runtime exited with error: exit status 3'],
    [0, 'Runtime exited without providing a reason'],
  ])('fails when it exits with %i, and the next call finds a new instance', async (code, text) => {
    await using lab = new Lab({ isolation });
    const config = await version(
      `let calls = 0;
       export const handler = async ({ code }) => code === undefined ? (calls += 1) : process.exit(code);`,
    );
    expect((await lab.call(config)).value).toBe(1);
    const outcome = await lab.call(config, { code }, { requestId: 'request-1', wantTail: true });
    expect(outcome.functionError).toBe('Unhandled');
    expect(asFailure(outcome.value)).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: request-1 Error: ${text}`,
    });
    expect(outcome.logTail).toContain('Status: error\tError Type: Runtime.ExitError');
    expect((await lab.call(config)).value).toBe(1);
  });

  it('fails when nobody catches an error, and says so in the log', async () => {
    await using lab = new Lab({ isolation });
    const config = await version(
      `export const handler = () => new Promise(() => setTimeout(() => { throw new Error('aside'); }, 1));`,
    );
    const outcome = await lab.call(config, {}, { wantTail: true });
    expect(asFailure(outcome.value).errorMessage).toContain('exit status 1');
    expect(outcome.logTail).toContain('Error: aside');
  });

  it('is killed when its Buffers take more memory than it has', async () => {
    await using lab = new Lab({ isolation });
    const config = await version(
      `const kept = [];
       export const handler = async ({ megabytes }) => {
         for (let index = 0; index < megabytes; index += 8) kept.push(Buffer.alloc(8 << 20, 1));
         return kept.length;
       };`,
      { memoryMb: 128 },
    );
    const outcome = await lab.call(config, { megabytes: 384 }, { wantTail: true });
    expect(asFailure(outcome.value)).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(asFailure(outcome.value).errorMessage).toMatch(
      /^RequestId: \S+ Error: Runtime exited with error: signal: killed$/,
    );
    expect(outcome.logTail).toContain('Memory Size: 128 MB\tMax Memory Used: 128 MB');
    expect((await lab.call(config, { megabytes: 8 })).value).toBe(1);
  });

  it('is aborted when its heap is full', async () => {
    await using lab = new Lab({ isolation });
    const config = await version(
      `const kept = [];
       export const handler = async () => { for (;;) kept.push(new Array(10_000).fill({})); };`,
      { memoryMb: 128 },
    );
    const outcome = await lab.call(config, {}, { wantTail: true });
    expect(asFailure(outcome.value).errorMessage).toMatch(/signal: (aborted|killed)$/);
    expect(outcome.logTail).toContain('Max Memory Used: 128 MB');
  });

  it('is frozen between its calls', async () => {
    await using lab = new Lab({ isolation });
    const config = await version(
      `let ticks = 0;
       export const handler = async () => {
         setInterval(() => (ticks += 1), 20).unref();
         return ticks;
       };`,
    );
    await lab.call(config);
    await pause(150);
    expect(Number((await lab.call(config)).value)).toBeLessThan(3);
  });

  it('finds the environment of Lambda and no other', async () => {
    await using lab = new Lab({ isolation });
    process.env['NOT_FOR_FUNCTIONS'] = 'seen';
    const config = await version('export const handler = async () => process.env;', {
      env: { STAGE: 'dev' },
    });
    const { value } = await lab.call(config, {}, { traceHeader: 'Root=1-2-3;Sampled=1' });
    delete process.env['NOT_FOR_FUNCTIONS'];
    expect(value).toMatchObject({
      STAGE: 'dev',
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_LAMBDA_FUNCTION_NAME: 'orders',
      AWS_LAMBDA_FUNCTION_VERSION: '7',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_LOG_GROUP_NAME: GROUP,
      AWS_LAMBDA_LOG_STREAM_NAME: expect.stringMatching(/^2026\/11\/21\/\[7\][0-9a-f]{32}$/),
      AWS_LAMBDA_LOG_FORMAT: 'Text',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
      AWS_SESSION_TOKEN: `${ROLE}/orders`,
      _HANDLER: 'index.handler',
      TZ: ':UTC',
      _X_AMZN_TRACE_ID: 'Root=1-2-3;Sampled=1',
    });
    expect(value).not.toHaveProperty('NOT_FOR_FUNCTIONS');
    expect(value).not.toHaveProperty('_FAKE_LAMBDA_SETTINGS');
  });

  it('gets the context of the call', async () => {
    await using lab = new Lab({ isolation });
    const config = await version(
      `export const handler = async (event, context) => ({
         ...context,
         left: context.getRemainingTimeInMillis(),
       });`,
    );
    const { value } = await lab.call(
      config,
      {},
      {
        requestId: 'request-1',
        invokedArn: `${config.functionArn}:live`,
        clientContext: Buffer.from('{"custom":{"a":1}}').toString('base64'),
      },
    );
    expect(value).toMatchObject({
      awsRequestId: 'request-1',
      functionName: 'orders',
      functionVersion: '7',
      memoryLimitInMB: '256',
      logGroupName: GROUP,
      invokedFunctionArn: `${config.functionArn}:live`,
      clientContext: { custom: { a: 1 } },
      xRayTraceId: expect.stringMatching(
        new RegExp(
          `^Root=1-${(START / 1000).toString(16)}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$`,
        ),
      ),
    });
    const left = Number(Reflect.get(Object(value), 'left'));
    expect(left).toBeGreaterThan(1000);
    expect(left).toBeLessThanOrEqual(3000);
  });

  it.each([
    ['a file that is missing', { 'other.mjs': '' }, 'Runtime.ImportModuleError'],
    ['an export that is missing', { 'index.mjs': '' }, 'Runtime.HandlerNotFound'],
    [
      'code that cannot be parsed',
      { 'index.mjs': 'export const =' },
      'Runtime.UserCodeSyntaxError',
    ],
    ['code that throws', { 'index.mjs': `throw new RangeError('broken')` }, 'RangeError'],
    [
      'a handler with a callback',
      { 'index.mjs': 'export const handler = (event, context, callback) => callback();' },
      'Runtime.CallbackHandlerDeprecated',
    ],
  ])('does not start with %s', async (_name, files, errorType) => {
    await using lab = new Lab({ isolation });
    const config = await versionOf(files);
    const outcome = await lab.call(config, {}, { wantTail: true });
    expect(outcome.functionError).toBe('Unhandled');
    expect(asFailure(outcome.value).errorType).toBe(errorType);
    expect(outcome.logTail).toContain(`Status: error\tError Type: ${errorType}`);
    expect(outcome.logTail).toContain('REPORT');
  });

  it('sees the SDK of the managed runtime, and no other package', async () => {
    await using lab = new Lab({ isolation });
    const config = await versionOf({
      'index.cjs': `exports.handler = async () => {
        const { SQSClient } = require('@aws-sdk/client-sqs');
        const { endpoint } = new SQSClient({}).config;
        const missing = await import('zod').catch((error) => error.code);
        return [typeof endpoint, missing];
      };`,
    });
    expect((await lab.call(config)).value).toEqual([expect.any(String), 'ERR_MODULE_NOT_FOUND']);
  });

  it('sees what is in its layers', async () => {
    await using lab = new Lab({ isolation });
    const config = await versionOf({
      'index.cjs': `exports.handler = async () => require('from-layer');`,
    });
    const path = 'nodejs/node_modules/from-layer/index.js';
    const first = await zipOf({ [path]: `module.exports = 'first';` });
    const second = await zipOf({ [path]: `module.exports = 'second';` });
    expect((await lab.call({ ...config, layers: [first] })).value).toBe('first');
    expect((await lab.call({ ...config, layers: [first, second] })).value).toBe('second');
  });

  it('answers with all that it streamed', async () => {
    await using lab = new Lab({ isolation });
    const config = await version(
      `export const handler = awslambda.streamifyResponse(async ({ fail }, stream) => {
         stream.write('{"first":1,');
         if (fail) throw new Error('cut off');
         stream.end('"last":2}');
       });`,
    );
    expect((await lab.call(config)).value).toEqual({ first: 1, last: 2 });
    const failed = await lab.call(config, { fail: true });
    expect(failed.functionError).toBe('Unhandled');
    expect(asFailure(failed.value).errorMessage).toBe('cut off');
  });
});

describe('a function that is none of Node', () => {
  it('runs in Python', async () => {
    await using lab = new Lab();
    const config = await versionOf(
      {
        'main.py': `
def handler(event, context):
    print('hello', context.aws_request_id)
    if event.get('fail'):
        raise ValueError('bad order')
    return {'seen': event, 'arn': context.invoked_function_arn}
`,
      },
      { runtime: 'python3.13', handler: 'main.handler' },
    );
    const good = await lab.call(config, { a: 1 }, { requestId: 'request-1', wantTail: true });
    if (spawnSync('python3', ['--version']).status !== 0) {
      // Where there is no Python, it says so.
      expect(asFailure(good.value).errorType).toBe('Runtime.InvalidEntrypoint');
      return;
    }
    expect(good.value).toMatchObject({ seen: { a: 1 } });
    expect(good.logTail).toContain('hello request-1');
    const bad = await lab.call(config, { fail: true });
    expect(bad.functionError).toBe('Unhandled');
    expect(asFailure(bad.value)).toEqual({ errorType: 'ValueError', errorMessage: 'bad order' });
    const absent = await lab.call({ ...config, handler: 'absent.handler' });
    expect(asFailure(absent.value).errorType).toBe('Runtime.ImportModuleError');
  });

  it('brings its own runtime', async () => {
    await using lab = new Lab();
    const runtime = { runtime: 'provided.al2023', handler: 'any' };
    const config = await versionOf(CUSTOM_RUNTIME_FILES, runtime);
    const call = { requestId: 'request-1', wantTail: true };
    const first = await lab.call(config, { a: 1 }, call);
    expect(first.value).toEqual({ a: 1 });
    expect(first.logTail).toContain('echoing request-1');
    const failed = await lab.call(config, { fail: true });
    expect(failed.functionError).toBe('Unhandled');
    expect(asFailure(failed.value).errorType).toBe('BadInput');
    expect((await lab.call(config, [2])).value).toEqual([2]);
  });

  it('fails when nothing can run it', async () => {
    await using lab = new Lab();
    const config = await version(ECHO, { runtime: 'provided.al2023' });
    const outcome = await lab.call(config);
    expect(outcome.functionError).toBe('Unhandled');
    expect(asFailure(outcome.value).errorType).toBe('Runtime.InvalidEntrypoint');
  });

  it('runs the files of an image', async () => {
    await using lab = new Lab();
    const { code: _, ...config } = await version('');
    const image = {
      ...config,
      runtime: '',
      codeSha256: 'image',
      code: { files: { 'index.mjs': ECHO } },
    };
    expect((await lab.call(image, 5)).value).toEqual({ seen: 5 });
  });
});

describe('payloads', () => {
  it('refuses what is too large to send', async () => {
    await using lab = new Lab();
    const config = await version(ECHO);
    await expect(lab.call(config, 'x'.repeat(6_291_456))).rejects.toMatchObject({
      status: 413,
      code: 'RequestTooLargeException',
    });
  });

  it('fails when the answer is too large', async () => {
    await using lab = new Lab();
    const config = await version(`export const handler = async () => 'x'.repeat(6_300_000);`);
    expect(asFailure((await lab.call(config)).value).errorType).toBe(
      'Function.ResponseSizeTooLarge',
    );
  });
});
