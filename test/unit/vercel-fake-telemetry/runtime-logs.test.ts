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

  async function open(): Promise<AsyncIterator<string>> {
    const { status, stream } = await setup.api('GET', PATH);
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

  it('have what was printed before, then what is printed', async () => {
    setup.printed('{"polyfaas":"log"}');
    setup.printed('oh', 'stderr');
    const lines = await open();
    expect(await messages(lines, 2)).toEqual(['info {"polyfaas":"log"}', 'error oh']);
    const next = messages(lines, 1);
    setup.printed('later');
    expect(await next).toEqual(['info later']);
  });

  it('have the fields that Vercel’s own client wants', async () => {
    setup.printed('x');
    const { value } = await (await open()).next();
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

  it('go back one day', async () => {
    setup.printed('old');
    await setup.clock.advance(24 * 3_600_000);
    setup.printed('young');
    expect(await messages(await open(), 2)).toEqual(['info old', 'info young']);
    await setup.clock.advance(1);
    expect(await messages(await open(), 1)).toEqual(['info young']);
  });

  it('stay open until the reader leaves, or all ends', async () => {
    const left = await open();
    const waiting = left.next();
    await left.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    setup.printed('unheard');
    expect((await left.next()).done).toBe(true);
    const ended = await open();
    await ended.next();
    const last = ended.next();
    setup.telemetry.stop();
    expect((await last).done).toBe(true);
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
