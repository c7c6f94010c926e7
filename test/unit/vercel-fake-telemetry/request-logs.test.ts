import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAt, objectAt, textAt, type JsonValue } from 'polyfaas/spi';
import type { LoggedRequest, WireReply } from '../../fakes/vercel/core/ports.ts';
import { PROJECT } from '../vercel-fake-edge/small-world.ts';
import { createSetup, type Setup } from './setup.ts';

const HOUR_MS = 3_600_000;
/** A line is there so long after it was printed. */
const LAG_MS = 3_000;

describe('the log of requests', () => {
  let setup: Setup;
  beforeEach(() => {
    setup = createSetup();
  });
  afterEach(() => setup.stop());

  const request = (id: string): LoggedRequest => ({
    id,
    timeMs: setup.clock.now(),
    method: 'POST',
    path: '/a',
  });

  /** The last hour, unless something else is asked for. */
  function ask(change: Readonly<Record<string, string | undefined>> = {}): Promise<WireReply> {
    const now = setup.clock.now();
    const usual = {
      projectId: PROJECT,
      ownerId: 'team_1',
      page: '0',
      startDate: String(now - HOUR_MS),
      endDate: String(now),
    };
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...usual, ...change }))
      if (value !== undefined) query.set(name, value);
    return setup.api('GET', `/api/logs/request-logs?${query.toString()}`);
  }

  async function rows(
    change: Readonly<Record<string, string>> = {},
  ): Promise<readonly JsonValue[]> {
    const { status, body } = await ask(change);
    expect(status).toBe(200);
    const json: JsonValue = JSON.parse(JSON.stringify(body));
    return listAt(json, 'rows');
  }

  const ids = (found: readonly JsonValue[]): readonly (string | undefined)[] =>
    found.map((row) => textAt(row, 'requestId'));

  it('has what each request printed, the newest first', async () => {
    const [one, two] = [request('one'), request('two')];
    setup.printed('a', 'stdout', one);
    setup.printed('b', 'stderr', two);
    setup.printed('c', 'stdout', one);
    setup.printed('of none');
    setup.invoked({ request: one, status: 201 });
    await setup.clock.advance(LAG_MS);
    expect(await rows()).toEqual([
      expect.objectContaining({ requestId: 'two', statusCode: 0 }),
      {
        requestId: 'one',
        timestamp: new Date(one.timeMs).toISOString(),
        deploymentId: 'dpl_1',
        requestMethod: 'POST',
        requestPath: '/a',
        statusCode: 201,
        environment: 'production',
        domain: 'orders-1.vercel.app',
        logs: [
          { level: 'info', message: 'a', messageTruncated: false },
          { level: 'info', message: 'c', messageTruncated: false },
        ],
        events: [{ source: 'serverless' }],
      },
    ]);
    expect(await rows({ deploymentId: 'dpl_2' })).toEqual([]);
  });

  it('has a request some seconds after it, also one that printed nothing, for one day', async () => {
    setup.invoked({ request: request('silent') });
    expect(await rows()).toEqual([]);
    await setup.clock.advance(LAG_MS);
    expect(ids(await rows())).toEqual(['silent']);
    await setup.clock.advance(24 * HOUR_MS - LAG_MS);
    expect(ids(await rows({ startDate: '0' }))).toEqual(['silent']);
    await setup.clock.advance(1);
    expect(await rows({ startDate: '0' })).toEqual([]);
  });

  it('comes in pages', async () => {
    for (let at = 0; at < 60; at += 1) setup.printed('x', 'stdout', request(`r${at}`));
    await setup.clock.advance(LAG_MS);
    const first = await rows();
    expect([first.length, textAt(first[0], 'requestId')]).toEqual([50, 'r59']);
    expect(ids(await rows({ page: '1' })).at(-1)).toBe('r0');
    expect(objectAt(await bodyOf('0'))['hasMoreRows']).toBe(true);
    expect(objectAt(await bodyOf('1'))['hasMoreRows']).toBe(false);
  });

  async function bodyOf(page: string): Promise<JsonValue> {
    const { body } = await ask({ page });
    return JSON.parse(JSON.stringify(body));
  }

  it('is shown to the owner of the project alone', async () => {
    expect(await ask({ ownerId: 'team_2' })).toMatchObject({ status: 403 });
    expect(await ask({ projectId: 'prj_9' })).toMatchObject({ status: 404 });
    for (const name of ['projectId', 'ownerId', 'page', 'startDate', 'endDate'])
      expect(await ask({ [name]: undefined })).toMatchObject({ status: 400 });
    expect(await ask({ startDate: 'yesterday' })).toMatchObject({ status: 400 });
    expect(await ask({ order: 'asc' })).toMatchObject({ status: 400 });
  });
});
