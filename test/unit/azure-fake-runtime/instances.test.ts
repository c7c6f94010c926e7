import { describe, expect, it } from 'vitest';
import { HOST_JSON, httpApp, makeRuntime, request, type StartedHost } from './setup.ts';

/** Answers with its process, after a while. */
const WHO = `async (request) => {
  await new Promise((resolve) => setTimeout(resolve, Number(request.query.get('ms') ?? 0)));
  return { body: String(process.pid) };
}`;

async function pids(host: StartedHost, count: number, ms: number): Promise<readonly string[]> {
  const replies = await Promise.all(
    Array.from({ length: count }, () => request(host, `/?ms=${ms}`)),
  );
  return replies.map(({ text }) => text);
}

function isAlive(pid: string): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('instances', () => {
  it('serve one call after the other, and as many at once as they take', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(httpApp(WHO), { httpConcurrency: 2, maxInstances: 3 });
    const [first] = await pids(host, 1, 0);
    expect(await pids(host, 1, 0)).toEqual([first]);
    const four = await pids(host, 4, 150);
    expect(new Set(four).size).toBe(2);
    expect(four).toContain(first);
  });

  it('are no more than there may be: others wait', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(httpApp(WHO), { maxInstances: 2 });
    expect(new Set(await pids(host, 5, 20)).size).toBe(2);
  });

  it('are not waited for without end', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(httpApp(WHO), { maxInstances: 1 });
    await host.status();
    const busy = request(host, '/?ms=1500');
    const waiting = request(host, '/');
    await runtime.clock.advance(231_000);
    expect((await waiting).status).toBe(503);
    expect((await busy).status).toBe(200);
  });

  it('end when nothing has asked for them for minutes', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(httpApp(WHO));
    const [pid = ''] = await pids(host, 1, 0);
    await runtime.clock.advance(4 * 60_000);
    expect(await pids(host, 1, 0)).toEqual([pid]);
    await runtime.clock.advance(6 * 60_000);
    await until(() => !isAlive(pid));
    expect(await pids(host, 1, 0)).not.toEqual([pid]);
  });

  it('that are always ready are started ahead, and stay', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(
      { 'main.cjs': `console.log('up');${httpApp(WHO)['main.cjs'] ?? ''}` },
      { alwaysReady: { http: 2 } },
    );
    await runtime.work.idle();
    expect(runtime.traces.filter(({ message }) => message === 'up')).toHaveLength(2);
    await runtime.clock.advance(60 * 60_000);
    expect(new Set(await pids(host, 2, 50)).size).toBe(2);
    expect(runtime.traces.filter(({ message }) => message === 'up')).toHaveLength(2);
    expect(runtime.executions.every(({ isAlwaysReady }) => isAlwaysReady === true)).toBe(true);
  });

  it('that crash take their calls along, and others come after them', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(
      httpApp(
        `(request) => request.params.path === 'exit' ? process.exit(7) : { body: String(process.pid) }`,
      ),
    );
    const [pid] = await pids(host, 1, 0);
    expect((await request(host, '/exit')).status).toBe(500);
    expect(await pids(host, 1, 0)).not.toEqual([pid]);
    expect(runtime.traces.map(({ message }) => message)).toContain('node exited with code 7 (0x7)');
    expect(runtime.executions.filter(({ success }) => !success)).toHaveLength(1);
  });

  it('end with an error that nobody catches', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(
      httpApp(
        `async () => { setTimeout(() => { throw new Error('late'); }); await new Promise(() => {}); }`,
      ),
    );
    expect((await request(host, '/')).status).toBe(500);
    expect(runtime.traces.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/Worker uncaught exception \(learn more: .*\): Error: late {5}at /),
    );
  });

  it('are ended by functionTimeout, even when they only compute', async () => {
    const runtime = makeRuntime();
    const host = runtime.start({
      ...httpApp(
        `(request) => { while (request.params.path === 'loop') {} return { body: 'ok' }; }`,
      ),
      'host.json': HOST_JSON.replace('{', '{"functionTimeout":"00:00:01",'),
    });
    expect((await request(host, '/')).text).toBe('ok');
    expect((await request(host, '/loop')).status).toBe(500);
    expect(runtime.traces.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^Timeout value of 00:00:01 exceeded by function 'Functions.http'/),
    );
    expect((await request(host, '/')).text).toBe('ok');
  });

  it('end calls beside the one that took too long by another name, and so those of a process that asks for a new one', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(
      {
        ...httpApp(`async (request) => {
        if (request.params.path === 'exit') process.exit(0);
        await new Promise(() => {});
      }`),
        'host.json': HOST_JSON.replace('{', '{"functionTimeout":"00:00:01",'),
      },
      { httpConcurrency: 2 },
    );
    const early = request(host, '/early');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const late = request(host, '/late');
    expect([(await early).status, (await late).status]).toEqual([500, 500]);
    expect((await request(host, '/exit')).status).toBe(500);
    const types = runtime.executions.map(({ error }) => error?.type.split('.').at(-1));
    expect(types).toEqual([
      'FunctionTimeoutException',
      'FunctionTimeoutAbortException',
      'FunctionTimeoutAbortException',
    ]);
  });

  it('are ended when they use more memory than they have', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(
      httpApp(`async () => {
        const all = [];
        for (;;) {
          all.push(Buffer.alloc(8_000_000, 1));
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }`),
      { memoryMb: 256 },
    );
    expect((await request(host, '/')).status).toBe(502);
    expect(runtime.executions).toMatchObject([{ success: false, httpStatus: 502 }]);
  });

  it('that do not come up in time are given up', async () => {
    const runtime = makeRuntime();
    const host = runtime.start({
      'main.cjs': `require('@azure/functions').app.hook.appStart(() => new Promise(() => {}));`,
    });
    const status = host.status();
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await runtime.clock.advance(31_000);
    expect((await status).errors).toEqual([expect.stringContaining('30 seconds')]);
  });

  it('finish what they are at when the host is stopped, and leave nothing behind', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(httpApp(WHO), { httpConcurrency: 2 });
    const [pid = ''] = await pids(host, 1, 0);
    const underWay = request(host, '/?ms=150');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const stopped = host.stop();
    expect((await request(host, '/')).status).toBe(503);
    expect((await underWay).text).toBe(pid);
    await stopped;
    expect(isAlive(pid)).toBe(false);
  });

  it('do not outlive the runtime, whatever they are at', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(
      httpApp(
        `(request) => { while (request.params.path === 'loop') {} return { body: String(process.pid) }; }`,
      ),
    );
    const [pid = ''] = await pids(host, 1, 0);
    const looping = request(host, '/loop');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await runtime.stop();
    expect(isAlive(pid)).toBe(false);
    expect((await looping).status).toBe(502);
  });
});
