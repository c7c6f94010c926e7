/** Answers of Vercel's that come late, or say no. */
import { type CallContext, type JsonValue, type Step } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { createExecutors } from '../../../providers/vercel/execute.ts';
import { recordVariable, encodeRecord } from '../../../providers/vercel/record-text.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { clientsOf, serve, type Said, type Seen, type Server } from '../vercel-clients/server.ts';
import { OK, recordOf } from '../vercel-execute/on-fake.ts';

const RECORD = {
  id: 'env_1',
  key: recordVariable(1),
  type: 'plain',
  target: ['development'],
  value: encodeRecord(recordOf()),
};

/** One turn of a step. */
async function turn(server: Server, kind: string, input: object, resume?: JsonValue) {
  const vercel = clientsOf(server);
  const call: CallContext = {
    signal: new AbortController().signal,
    clock: new ManualClock(0),
    random: Math.random,
    log: { log() {} },
    warn: () => undefined,
    artifacts: { get: () => Promise.reject(new Error('Nobody needs it.')) },
    ...(resume === undefined ? {} : { resume }),
  };
  const step: Step = {
    id: kind,
    kind,
    phase: 'switch',
    title: kind,
    input: JSON.parse(JSON.stringify(input)),
    locks: [],
    deadlineSeconds: 60,
  };
  const execute = createExecutors(OK)[kind];
  if (execute === undefined) throw new Error(`There is no executor for ${kind}.`);
  try {
    return await execute(vercel, step, call);
  } finally {
    await vercel.close();
  }
}

describe('a promotion that Vercel goes on without telling of it', () => {
  const input = { projectId: 'prj_1', deploymentId: 'dpl_2', expected: 'first' };
  const alias = (to: string, jobStatus: string) => ({
    fromDeploymentId: 'dpl_0',
    toDeploymentId: to,
    type: 'promote',
    jobStatus,
  });

  /** What the project tells, one look after the other. */
  async function telling(looks: readonly { production: string; last: object | null }[]) {
    const left = [...looks];
    return serve(({ method, path }: Seen): Said => {
      if (method === 'POST') return { status: 201, body: {} };
      if (path.endsWith('/env')) return { body: { envs: [RECORD] } };
      const { production, last } = left.shift() ?? { production: 'dpl_1', last: null };
      const targets = { production: { id: production, alias: ['orders.vercel.app'] } };
      return { body: { id: 'prj_1', name: 'orders', targets, lastAliasRequest: last } };
    });
  }

  it.each([
    ['of the one before', alias('dpl_1', 'succeeded')],
    ['of none', null],
  ])('for a moment, but %s, is waited for', async (_, former) => {
    const server = await telling([
      { production: 'dpl_1', last: former },
      { production: 'dpl_1', last: former },
      { production: 'dpl_1', last: alias('dpl_2', 'in-progress') },
      { production: 'dpl_2', last: alias('dpl_2', 'succeeded') },
    ]);
    let result = await turn(server, 'promote-deployment', input);
    for (let turns = 0; turns < 3; turns += 1) {
      if (result.done) throw new Error('It is not done yet.');
      result = await turn(server, 'promote-deployment', input, result.resume);
    }
    expect(result).toEqual({ done: true, output: { url: 'https://orders.vercel.app' } });
    expect(server.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('is over when somebody asked for another one afterwards', async () => {
    const server = await telling([
      { production: 'dpl_1', last: alias('dpl_1', 'succeeded') },
      { production: 'dpl_3', last: alias('dpl_3', 'succeeded') },
    ]);
    const first = await turn(server, 'promote-deployment', input);
    if (first.done) throw new Error('It is not done yet.');
    await expect(turn(server, 'promote-deployment', input, first.resume)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});

describe('secrets that the token may not see', () => {
  const secrets = { orders_db: 'orders/db' };
  const refused: Said = {
    status: 403,
    body: { error: { code: 'forbidden', message: "You don't have permission." } },
  };

  it('are told with what to do', async () => {
    const server = await serve(({ path }) =>
      path === '/v1/env' ? refused : { body: { envs: [RECORD] } },
    );
    await expect(
      turn(server, 'check-secrets', { projectId: 'prj_1', secrets }),
    ).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringMatching(/"orders\/db".*variables of the project.*orders_db/),
    });
  });

  it('are told also where they may be seen, but not linked', async () => {
    const shared = [{ id: 'env_9', key: 'orders_db', target: ['production'], projectId: [] }];
    const server = await serve(({ method, path }) => {
      if (path !== '/v1/env') return { body: { envs: [RECORD] } };
      return method === 'GET' ? { body: { data: shared } } : refused;
    });
    const input = { projectId: 'prj_1', variables: ['orders_db'] };
    await expect(turn(server, 'link-secrets', input)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringContaining('orders_db'),
    });
  });
});
