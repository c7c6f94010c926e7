/** Direct calls over the wire: the real client, the real artifact, and the runtime client of Amazon. */
import { describe, expect, it } from 'vitest';
import { ServerlessError } from '../../../src/spi/index.ts';
import { fixtureSource, LAMBDA_SOURCE } from '../../../src/contract/fixture.ts';
import { Platform, REF } from '../aws-shim/platform.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

async function failure(work: Promise<unknown>): Promise<ServerlessError> {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (!ServerlessError.isInstance(error)) throw error;
  return error;
}

function asError(cause: unknown): Error {
  if (cause instanceof Error) return cause;
  throw new TypeError('the cause is no error');
}

describe('a call', () => {
  it('carries JSON there and back, and tells of the instance', async () => {
    await using platform = await Platform.start(fixtureSource());
    const value = { 'schlüssel 🔑': ['値', null, '\u2028', '\ud800 alone'], __proto: 1 };
    const first = await platform.invoke({ op: 'echo', value });
    expect(first.output).toEqual(value);
    expect(first).toMatchObject({ version: '1', requestId: 'request-1', coldStart: true });
    expect(first.initDurationMs).toBeGreaterThan(0);
    const second = await platform.invoke({ op: 'nothing' });
    expect(second).toMatchObject({ output: null, coldStart: false, initDurationMs: null });
    expect(second.instanceId).toMatch(/^[0-9a-f]{32}$/);
    expect(second.instanceId).toBe(first.instanceId);
    expect(platform.observations).toBe(1);
  });

  it('brings request id, trace and identity to the handler', async () => {
    await using platform = await Platform.start(fixtureSource());
    const trace = { traceparent: TRACEPARENT };
    const { output } = await platform.invoke({ op: 'context' }, { requestId: 'mine', trace });
    expect(output).toMatchObject({
      app: 'shop',
      stage: 'test',
      function: 'orders',
      version: '1',
      requestId: 'mine',
      attempt: 1,
      coldStart: true,
      memoryMb: 256,
      provider: 'aws',
      region: 'eu-central-1',
      trace: { traceparent: TRACEPARENT },
    });
  });

  it('fails with the error of the handler, its stack and its causes', async () => {
    await using platform = await Platform.start(fixtureSource());
    const error = await failure(platform.invoke({ op: 'throw', message: 'no such örder' }));
    expect(error).toMatchObject({ code: 'FUNCTION_FAILED', retryable: false, function: 'orders' });
    expect(error.message).toContain('no such örder');
    const cause = asError(error.cause);
    expect(cause).toBeInstanceOf(TypeError);
    expect(cause.message).toBe('no such örder');
    expect(cause.stack).toMatch(/^\s+at .*polyfaas\.mjs/m);
    expect(cause.stack).not.toContain('data:application');
    expect(asError(cause.cause)).toMatchObject({
      name: 'RangeError',
      message: 'the deeper reason',
    });
  });

  it.each([
    ['a bare text', 'a bare text'],
    [null, 'null was thrown instead of an Error'],
    [{ code: 7 }, '{"code":7}'],
  ])('fails with what was thrown when that is no error: %j', async (value, message) => {
    await using platform = await Platform.start(fixtureSource());
    const error = await failure(platform.invoke({ op: 'throwValue', value }));
    expect(error.code).toBe('FUNCTION_FAILED');
    expect(asError(error.cause).message).toBe(message);
  });

  it('names what ended the instance', async () => {
    await using platform = await Platform.start(fixtureSource());
    const exit = await failure(platform.invoke({ op: 'exit', code: 3 }));
    expect(exit).toMatchObject({ code: 'FUNCTION_FAILED', details: { exitCode: 3 } });
    expect(exit.message).toContain('process.exit');
    const memory = await failure(platform.invoke({ op: 'allocate', megabytes: 768 }));
    expect(memory).toMatchObject({ code: 'FUNCTION_FAILED', details: { memoryMb: 256 } });
    expect(memory.message).toMatch(/memory: 256 MB.*Raise memoryMb/);
    expect((await platform.invoke({ op: 'variant' })).output).toBe('one');
  });

  it('ends with TIMEOUT when the function takes too long', async () => {
    await using platform = await Platform.start(fixtureSource(), { timeoutSeconds: 1 });
    await platform.invoke({ op: 'variant' });
    const error = failure(platform.invoke({ op: 'never' }));
    const ticking = setInterval(() => void platform.clock.advance(500), 50);
    expect(await error).toMatchObject({ code: 'TIMEOUT' });
    clearInterval(ticking);
  });

  it('names a version that is not there', async () => {
    await using platform = await Platform.start(fixtureSource());
    for (const version of ['no-such-version', '99']) {
      const error = await failure(platform.invoke(null, { version }));
      expect(error.code).toBe('NOT_FOUND');
      expect(error.message).toContain(version);
    }
    expect((await platform.invoke({ op: 'variant' }, { version: '1' })).version).toBe('1');
  });

  it('finds out that the function is gone', async () => {
    await using platform = await Platform.start(fixtureSource());
    await platform.invoke({ op: 'variant' });
    await (await platform.aws.lambda()).deleteFunction({ FunctionName: 'shop-test-orders' });
    const error = await failure(platform.invoke({ op: 'variant' }));
    expect(error.code).toBe('NOT_FOUND');
    expect(error.message).toContain('"orders" is not deployed');
    await failure(platform.invoke({ op: 'variant' }));
    expect(platform.observations).toBe(2);
  });

  it('refuses what only the envelope makes too large', async () => {
    await using platform = await Platform.start(fixtureSource());
    const error = await failure(platform.invoke('x'.repeat(6_291_456 - 10)));
    expect(error.code).toBe('PAYLOAD_TOO_LARGE');
  });

  it('says that an answer is larger than Lambda returns', async () => {
    await using platform = await Platform.start(
      "export default { invoke: () => 'x'.repeat(6_400_000) }",
    );
    const error = await failure(platform.invoke(null));
    expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  it('hands an input over as it is where there is no shim', async () => {
    await using platform = await Platform.start(LAMBDA_SOURCE, {
      hasShim: false,
      logTailSampleRate: 1,
    });
    const first = await platform.invoke({ id: 7 });
    expect(first.output).toMatchObject({ event: { id: 7 } });
    expect(first.durationMs).toBeGreaterThanOrEqual(0);
    expect(first).toMatchObject({ coldStart: true, instanceId: null });
    expect(first.initDurationMs).toBeGreaterThan(0);
    expect(platform.logged[0]?.fields).toMatchObject({ memorySizeMb: 256, requestId: 'request-1' });
    expect(await platform.invoke({ id: 8 })).toMatchObject({ coldStart: false });
  });

  it('gives a Lambda handler Lambda’s own event and context, with the id of the caller', async () => {
    await using platform = await Platform.start(LAMBDA_SOURCE);
    const { output, requestId } = await platform.invoke({ id: 7 });
    expect(output).toMatchObject({
      event: { id: 7 },
      requestId,
      functionName: 'shop-test-orders',
      memoryLimitInMB: '256',
    });
    const error = await failure(platform.invoke({ op: 'throw', message: 'no way' }));
    expect(asError(error.cause)).toMatchObject({ name: 'TypeError', message: 'no way' });
  });

  it('is accepted and runs later when nobody waits for it', async () => {
    await using platform = await Platform.start(
      `export default { invoke: (input, context) => {
        context.log.info('ran', { input, requestId: context.requestId, attempt: context.attempt });
        if (context.attempt === 1) throw new Error('once');
      } }`,
    );
    const accepted = await platform.invoke({ later: 1 }, { mode: 'async', requestId: 'later-1' });
    expect(accepted).toMatchObject({ output: null, requestId: 'later-1', version: '1' });
    for (let turn = 0; turn < 4; turn += 1) await platform.advance(60_000);
    const logs = await platform.aws.logs();
    const { events = [] } = await logs.filterLogEvents({
      logGroupName: '/aws/lambda/shop-test-orders',
      filterPattern: '"ran"',
    });
    const fields = events.map(({ message = '' }) => JSON.parse(message).fields);
    expect(fields).toEqual([
      { input: { later: 1 }, requestId: 'later-1', attempt: 1 },
      { input: { later: 1 }, requestId: 'later-1', attempt: 2 },
    ]);
  });
});

describe('warming', () => {
  it('counts instances, runs no handler, and leaves them warm', async () => {
    await using platform = await Platform.start(fixtureSource());
    expect(await platform.invoker.warm(REF, 3, platform.call())).toEqual({ distinctInstances: 3 });
    const { coldStart, output } = await platform.invoke({ op: 'peek' });
    expect(coldStart).toBe(false);
    expect(output).toMatchObject({ calls: 0 });
  });

  it('is refused for code without the shim', async () => {
    await using platform = await Platform.start(LAMBDA_SOURCE, { hasShim: false });
    const error = await failure(platform.invoker.warm(REF, 1, platform.call()));
    expect(error.code).toBe('UNSUPPORTED');
    expect(error.message).toContain('minInstances');
  });
});

describe('the look whether a version starts', () => {
  const target = { ref: REF, physicalName: 'shop-test-orders' };

  it('leaves the first call cold', async () => {
    await using platform = await Platform.start(fixtureSource());
    await platform.invoker.verify(target, '1', true, platform.call());
    expect((await platform.invoke({ op: 'variant' })).coldStart).toBe(true);
  });

  it('fails with the error outside the handlers', async () => {
    await using platform = await Platform.start(fixtureSource(), { env: { BREAK_INIT: 'yes' } });
    const error = await failure(platform.invoker.verify(target, '1', true, platform.call()));
    expect(error).toMatchObject({ code: 'FUNCTION_FAILED', details: { phase: 'init' } });
    expect(error.message).toContain('the fixture was told to break while it starts');
  });

  it('names a secret that is not there', async () => {
    const secrets = JSON.stringify({ API_KEY: { name: 'nowhere' } });
    await using platform = await Platform.start(fixtureSource(), {
      env: { POLYFAAS_SECRETS: secrets },
    });
    const error = await failure(platform.invoker.verify(target, '1', true, platform.call()));
    expect(error.code).toBe('NOT_FOUND');
    expect(error.message).toMatch(/"nowhere".*API_KEY/);
  });

  it('starts with the values of secrets in the environment', async () => {
    const secrets = JSON.stringify({ API_KEY: { name: 'key' } });
    await using platform = await Platform.start(fixtureSource(), {
      env: { POLYFAAS_SECRETS: secrets },
    });
    platform.world.secrets.set('key', 'horse-battery');
    await platform.invoker.verify(target, '1', true, platform.call());
    const { output } = await platform.invoke({ op: 'env', names: ['API_KEY'] });
    expect(output).toEqual({ API_KEY: 'horse-battery' });
  });
});
