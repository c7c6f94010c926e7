import { describe, expect, it } from 'vitest';
import { startProcess } from '../local-store/child-process.ts';
import { ISOLATIONS, until, useHarness } from './harness.ts';

const harness = useHarness();
const HOST = new URL('./host-child.ts', import.meta.url);

describe.each(ISOLATIONS)('failures of an instance in a %s', (isolation) => {
  const settings = { isolation };

  it('hands over the error of the handler', async () => {
    const pool = harness.pool(
      `invoke: () => { throw new TypeError('no such order', { cause: new Error('disk') }); }`,
      { settings },
    );
    const failure = await pool.failure();
    expect(failure).toMatchObject({
      code: 'FUNCTION_FAILED',
      retryable: false,
      function: 'orders',
      provider: 'local',
      details: { phase: 'call', errorName: 'TypeError' },
    });
    expect(failure.message).toContain('no such order');
    expect(failure.cause).toMatchObject({
      name: 'TypeError',
      message: 'no such order',
      stack: expect.stringContaining('index.mjs'),
      cause: { message: 'disk' },
    });
    expect(pool.stats()).toMatchObject({ instances: 1, idle: 1 });
  });

  it('tells the log of what the handler threw, with its stack', async () => {
    const pool = harness.pool(
      `invoke: () => { console.log('before'); throw new TypeError('no such order'); }`,
      { settings },
    );
    const failure = await pool.failure();
    await until(() => pool.logs.length > 1);
    expect(pool.logs.map(({ level, message }) => [level, message])).toEqual([
      ['info', 'before'],
      ['error', 'The invoke handler failed: TypeError: no such order'],
    ]);
    const [, line] = pool.logs;
    expect(line?.requestId).toBe(pool.logs[0]?.requestId);
    expect(line?.fields).toMatchObject({
      error: { name: 'TypeError', stack: expect.stringContaining('index.mjs') },
    });
    expect(failure.details).toMatchObject({ coldStart: true, durationMs: expect.any(Number) });
    expect((await pool.failure()).details).toMatchObject({ coldStart: false });
  });

  it.each([
    ['an error', `setTimeout(() => { throw new Error('too late'); }, 20)`, 'too late'],
    [
      'a rejection',
      `setTimeout(() => void Promise.reject(new Error('nobody awaits')), 20)`,
      'nobody awaits',
    ],
    ['its own exit', `setTimeout(() => process.exit(3), 20)`, 'with code 3'],
  ])('tells the log of an end after the answer, by %s', async (_what, late, says) => {
    const pool = harness.pool(`invoke: () => { ${late}; return 'done'; }`, { settings });
    expect((await pool.invoke({})).output).toBe('done');
    await until(() => pool.logs.some(({ message }) => message.includes('after it had answered')));
    expect(pool.logs.map(({ message }) => message).join('\n')).toContain(says);
    const end = pool.logs.find(({ message }) => message.includes('after it had answered'));
    expect(end?.level).toBe('error');
    expect(pool.stats()).toMatchObject({ instances: 0 });
  });

  it('tells the caller of an exit after a rest, although nothing else keeps the program alive', async () => {
    const folder = harness.code(
      `let calls = 0; export const { polyfaas } = createEntry(bindHandler({ default: defineFunction({ invoke: () => { calls += 1; if (calls > 1) process.exit(0); return calls; } }) }));`,
    );
    const host = startProcess(HOST, folder, isolation, 'twice');
    expect([await host.ended, host.errors]).toEqual([0, []]);
    expect(host.lines.join()).toContain('failed: The instance of orders ended with code 0 during');
  });

  it('says nothing of an end that was asked for', async () => {
    const pool = harness.pool(`invoke: () => 'done'`, { settings });
    await pool.invoke({});
    await pool.close();
    expect(pool.logs).toEqual([]);
  });

  it('tells the log of what is no response, and of a stream that breaks', async () => {
    const pool = harness.pool(
      `http: (request) => request.url.endsWith('/wrong')
        ? { statusCode: 200 }
        : new Response(new ReadableStream({
            pull: () => new Promise((_, reject) => setTimeout(() => reject(new Error('cut off')), 20)),
          }))`,
      { settings },
    );
    await expect(pool.get('/wrong')).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
    const { body } = await pool.get('/stream');
    if (!(body instanceof ReadableStream)) throw new TypeError('no stream');
    await expect(body.getReader().read()).rejects.toThrow('cut off');
    await until(() => pool.logs.length > 1);
    const said = pool.logs.map(({ message }) => message);
    expect(said[0]).toContain('The http handler failed: HandlerContractError');
    expect(said[1]).toBe('The http handler failed: Error: cut off');
  });

  it('does not tell the log of a call that its caller gave up', async () => {
    const pool = harness.pool(
      `invoke: (input, { signal }) => input === 'quick' ? 1 : new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)))`,
      { settings },
    );
    await pool.invoke('quick');
    const controller = new AbortController();
    const failing = pool.failure(null, controller.signal);
    controller.abort();
    expect(await failing).toMatchObject({ code: 'CANCELLED' });
    await pool.invoke('quick');
    // A line may come by another way than the answer.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(pool.logs).toEqual([]);
  });

  it('takes anything that is thrown', async () => {
    const pool = harness.pool(`invoke: (input) => { throw input; }`, { settings });
    for (const thrown of ['text', 7, null, { odd: true }]) {
      expect(await pool.failure(thrown)).toMatchObject({
        code: 'FUNCTION_FAILED',
        details: { phase: 'call' },
      });
    }
    expect((await pool.failure('text')).cause).toMatchObject({ message: 'text' });
  });

  it('names the path of what cannot be sent back', async () => {
    const pool = harness.pool(`invoke: () => ({ list: [1, { id: 10n }] })`, { settings });
    const failure = await pool.failure();
    expect(failure.details).toMatchObject({ phase: 'call', errorName: 'JsonEncodeError' });
    expect(failure.message).toContain('list[1].id');
  });

  it('fails the call that waited for a start that fails, and no other', async () => {
    const pool = harness.pool('invoke: (input) => input', {
      before: `console.error('about to fail'); throw new RangeError('no config');`,
      settings,
    });
    const failure = await pool.failure();
    expect(failure).toMatchObject({
      code: 'FUNCTION_FAILED',
      details: { phase: 'init', errorName: 'RangeError' },
    });
    expect(failure.message).toContain('no config');
    expect(failure.cause).toMatchObject({ name: 'RangeError' });
    await until(() => pool.logs.length > 0);
    expect(pool.logs[0]).toMatchObject({ level: 'error', message: 'about to fail' });
    expect(pool.stats().instances).toBe(0);
    expect((await pool.failure()).details).toMatchObject({ phase: 'init' });
  });

  it('says what is missing in a bundle that is none of ours', async () => {
    const pool = harness.pool('invoke: () => 1', {
      settings: { ...settings, entryFile: 'other.mjs' },
    });
    const failure = await pool.failure();
    expect(failure.details).toMatchObject({ phase: 'init' });
    expect(failure.message).toContain('other.mjs');
  });

  it.each([
    ['process.exit', `process.exit(3)`, 'with code 3'],
    [
      'an uncaught exception',
      `setTimeout(() => { throw new EvalError('late'); }); return new Promise((r) => setTimeout(r, 5000));`,
      'late',
    ],
    [
      'an unhandled rejection',
      `Promise.reject(new EvalError('lost')); return new Promise((r) => setTimeout(r, 5000));`,
      'lost',
    ],
  ])('survives %s in a handler', async (_name, body, said) => {
    const pool = harness.pool(`invoke: (input) => { if (input === 'ok') return 'ok'; ${body} }`, {
      settings,
    });
    const { instanceId } = await pool.invoke('ok');
    const failure = await pool.failure();
    expect(failure).toMatchObject({ code: 'FUNCTION_FAILED', details: { phase: 'exit' } });
    expect(failure.message).toContain(said);
    const next = await pool.invoke('ok');
    expect(next.output).toBe('ok');
    expect(next.coldStart).toBe(true);
    expect(next.instanceId).not.toBe(instanceId);
  });

  it('fails every call on an instance that ends', async () => {
    const pool = harness.pool(
      `invoke: (input) => { if (input === 'end') process.exit(4); return new Promise(() => {}); }`,
      { settings: { ...settings, concurrency: 8, maxInstances: 1 } },
    );
    const others = [pool.failure('a'), pool.failure('b')];
    const failures = await Promise.all([...others, pool.failure('end')]);
    expect(failures.map((failure) => failure.details?.['phase'])).toEqual(['exit', 'exit', 'exit']);
  });

  it('fails a start that calls process.exit', async () => {
    const pool = harness.pool('invoke: () => 1', { before: 'process.exit(9);', settings });
    const failure = await pool.failure();
    expect(failure.details).toMatchObject({ phase: 'init', exitCode: 9 });
  });

  it('ends a start that takes too long', async () => {
    const pool = harness.pool('invoke: () => 1', {
      before: 'setInterval(() => {}, 1000); await new Promise(() => {});',
      settings: { ...settings, timeoutSeconds: 1 },
      tuning: { startMs: 300 },
    });
    const failure = await pool.failure();
    expect(failure.details).toMatchObject({ phase: 'init' });
    expect(failure.message).toContain('did not start within 1 s');
  });
});

describe('an instance in a thread', () => {
  it('cannot end the host', async () => {
    const pool = harness.pool(
      `invoke: () => {
        const refused = [];
        for (const attempt of [
          () => process.kill(process.pid, 'SIGTERM'), () => process.kill(0), () => process._kill(process.pid, 9),
          () => process.abort(), () => process.chdir('/'), () => process.setuid(0), () => process.umask(0),
        ]) { try { attempt(); refused.push(false); } catch { refused.push(true); } }
        return { refused, alive: process.kill(process.pid, 0) };
      }`,
    );
    const cwd = process.cwd();
    expect((await pool.invoke()).output).toEqual({ refused: Array(7).fill(true), alive: true });
    expect(process.cwd()).toBe(cwd);
  });
});
