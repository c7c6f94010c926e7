import { setImmediate, setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getRuntimeLogsResponseBodyFromJSON } from '@vercel/sdk/models/getruntimelogsop.js';
import { createSetup, type Setup } from './setup.ts';

const PATH = '/v1/projects/orders/deployments/dpl_1/runtime-logs?format=lines&teamId=team_1';

describe('runtime logs', () => {
  let setup: Setup;
  beforeEach(() => {
    setup = createSetup();
  });
  afterEach(() => setup.stop());

  /** The answer comes with the first line: `print` makes it. */
  async function open(print: () => void): Promise<AsyncIterator<string>> {
    const answering = setup.api('GET', PATH);
    await setImmediate();
    print();
    const { status, stream } = await answering;
    expect(status).toBe(200);
    if (!stream) throw new Error('It is no stream.');
    return stream[Symbol.asyncIterator]();
  }

  async function messages(lines: AsyncIterator<string>, count: number): Promise<string[]> {
    const found: string[] = [];
    while (found.length < count) {
      const { value } = await lines.next();
      const parsed = getRuntimeLogsResponseBodyFromJSON(String(value));
      if (!parsed.ok) throw parsed.error;
      found.push(`${parsed.value.level} ${parsed.value.message}`);
    }
    return found;
  }

  it('have what is printed while they are open, and nothing of before', async () => {
    setup.printed('before');
    const lines = await open(() => {
      setup.printed('{"polyfaas":"log"}');
      setup.printed('oh', 'stderr');
    });
    expect(await messages(lines, 2)).toEqual(['info {"polyfaas":"log"}', 'error oh']);
    const next = messages(lines, 1);
    setup.printed('later');
    expect(await next).toEqual(['info later']);
  });

  it('say nothing at all before there is something to show', async () => {
    const answering = setup.api('GET', PATH);
    const isAnswered = await Promise.race([
      answering.then(() => true),
      pause(50).then(() => false),
    ]);
    expect(isAnswered).toBe(false);
    setup.printed('now');
    expect((await answering).status).toBe(200);
  });

  it('have the fields that Vercel’s own client wants', async () => {
    const { value } = await (await open(() => setup.printed('x'))).next();
    expect(JSON.parse(String(value))).toEqual({
      level: 'info',
      message: 'x',
      messageTruncated: false,
      rowId: expect.any(String),
      source: 'serverless',
      timestampInMs: setup.clock.now(),
      domain: 'orders-1.vercel.app',
      requestMethod: 'POST',
      requestPath: '/a',
      responseStatusCode: 0,
    });
  });

  it('stay open until the reader leaves, or all ends', async () => {
    const left = await open(() => setup.printed('x'));
    await left.next();
    const waiting = left.next();
    await left.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    setup.printed('unheard');
    expect((await left.next()).done).toBe(true);
    const ended = await open(() => setup.printed('x'));
    await ended.next();
    const last = ended.next();
    const silent = setup.api('GET', PATH);
    await setImmediate();
    setup.telemetry.stop();
    expect((await last).done).toBe(true);
    expect((await silent).status).toBe(200);
  });

  it('are of deployments that are there', async () => {
    for (const path of [
      '/v1/projects/none/deployments/dpl_1/runtime-logs',
      '/v1/projects/orders/deployments/dpl_9/runtime-logs',
    ])
      expect(await setup.api('GET', path)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    expect(await setup.api('GET', `${PATH}&since=1`)).toMatchObject({ status: 400 });
    expect(await setup.api('POST', PATH)).toEqual({ status: 404 });
  });
});
