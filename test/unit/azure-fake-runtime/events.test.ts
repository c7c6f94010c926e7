import { describe, expect, it } from 'vitest';
import { makeRuntime, type StartedHost } from './setup.ts';

const APP = `const { app } = require('@azure/functions');
app.storageQueue('orders', {
  queueName: 'orders',
  connection: 'DATA',
  handler(message, context) {
    if (message.crash) process.exit(1);
    if (message.fail) throw new Error('no');
    context.log('seen', message, context.triggerMetadata.dequeueCount, context.retryContext?.retryCount);
  },
});
app.timer('tick', { schedule: '0 0 * * * *', handler: (timer, context) => context.warn(timer) });`;

function started(): { runtime: ReturnType<typeof makeRuntime>; host: StartedHost } {
  const runtime = makeRuntime();
  const host = runtime.start({ 'main.cjs': APP }, { settings: { DATA: 'AccountName=x' } });
  return { runtime, host };
}

describe('events', () => {
  it('arrive as the library makes them of the protocol', async () => {
    const { runtime, host } = started();
    const outcome = await host.invoke({
      functionName: 'Orders',
      data: { string: '{"id":7}' },
      triggerMetadata: { DequeueCount: { json: '2' }, Id: { string: 'm-1' } },
      retryContext: { retryCount: 1, maxRetryCount: 3 },
    });
    expect(outcome).toEqual({ ok: true });
    const timer = { IsPastDue: false, ScheduleStatus: { Last: '2026-01-01T00:00:00Z' } };
    await host.invoke({ functionName: 'tick', data: { json: JSON.stringify(timer) } });
    const lines = runtime.traces.filter(({ properties }) =>
      /^Function\..*\.User$/.test(properties?.['Category'] ?? ''),
    );
    expect(lines.map(({ message, severity }) => ({ message, severity }))).toEqual([
      { message: 'seen { id: 7 } 2 1', severity: 1 },
      {
        message: "{ isPastDue: false, scheduleStatus: { last: '2026-01-01T00:00:00Z' } }",
        severity: 2,
      },
    ]);
    expect(runtime.executions).toMatchObject([
      { functionName: 'orders', success: true },
      { functionName: 'tick', success: true },
    ]);
    expect(lines[0]?.operationId).toBe(runtime.executions[0]?.operationId);
    expect(runtime.executions[0]?.memoryMb).toBeGreaterThan(10);
  });

  it('tell whether the function failed, or its process', async () => {
    const { host } = started();
    const outcome = (data: object): ReturnType<StartedHost['invoke']> =>
      host.invoke({ functionName: 'orders', data: { string: JSON.stringify(data) } });
    expect(await outcome({ fail: true })).toEqual({ ok: false, crashed: false, message: 'no' });
    expect(await outcome({ crash: true })).toMatchObject({ ok: false, crashed: true });
    expect(await host.invoke({ functionName: 'other', data: { string: '' } })).toMatchObject({
      ok: false,
      crashed: false,
    });
  });
});

describe('the log', () => {
  it('has what is printed, in order, and after it what goes to the host by the stream, as the levels let through', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(
      {
        'main.cjs': `const fs = require('node:fs');
const { app } = require('@azure/functions');
app.http('http', { route: 'x', handler(request, context) {
  console.log('one');
  process.stdout.write('two ');
  context.debug('hidden');
  context.error('three');
  fs.writeSync(1, 'parts\\n');
  console.error('a warning');
  console.error('it failed');
  return {};
} });`,
      },
      {},
    );
    const reply = await host.http({
      method: 'GET',
      url: '/x',
      headers: { host: 'shop.test' },
      body: Buffer.alloc(0),
      keyLevel: 'anonymous',
    });
    expect(reply.status).toBe(200);
    const own = /^(Host\.Function\.Console|Function\.http\.User)$/;
    const lines = runtime.traces.filter(({ properties }) =>
      own.test(properties?.['Category'] ?? ''),
    );
    expect(lines.map(({ message, severity }) => [message, severity])).toEqual([
      ['one', 1],
      ['two parts', 1],
      ['a warning', 2],
      ['it failed', 3],
      ['three', 3],
    ]);
    expect(lines.at(-1)?.properties?.['InvocationId']).toBe(runtime.executions[0]?.invocationId);
    expect(lines[0]?.operationId).toBe('');
  });

  it('lets through what host.json says', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(
      { 'main.cjs': APP.replace('context.log(', 'context.debug(') },
      {
        settings: {
          DATA: 'x',
          AzureFunctionsJobHost__logging__logLevel__default: 'Warning',
          'AzureFunctionsJobHost__logging__logLevel__Function.orders.User': 'Debug',
        },
      },
    );
    await host.invoke({ functionName: 'orders', data: { string: '{}' } });
    expect(runtime.traces.map(({ message }) => message)).toEqual([expect.stringMatching(/^seen/)]);
  });
});
