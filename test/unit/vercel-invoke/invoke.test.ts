import { describe, expect, it } from 'vitest';
import { classify } from '../../../providers/vercel/errors.ts';
import { context, NOW, REF, startEdge, version } from './edge.ts';

const request = {
  input: 1,
  requestId: 'r1',
  idempotent: false,
  trace: undefined,
  mode: 'sync',
} as const;

describe('a call', () => {
  it('reaches the live version at its alias, and reads what it needs once', async () => {
    await using edge = await startEdge();
    const invoker = edge.invoker();
    edge.doors.set(edge.alias, version('v1'));
    for (const requestId of ['r1', 'r2']) {
      const result = await invoker.invoke(REF, { ...request, requestId }, context());
      expect(result).toMatchObject({ output: 'by v1', version: 'v1', requestId });
    }
    expect(edge.rest).toEqual(['/v1/projects/prj_1/env/env_1']);
    const { calls } = edge.recorder.read(REF, NOW - 1, NOW + 1);
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  });

  it('of a kept version reaches its own deployment', async () => {
    await using edge = await startEdge();
    const invoker = edge.invoker();
    edge.doors.set(edge.alias, version('v1'));
    edge.doors.set(edge.own, version('v2'));
    const call = { ...request, version: 'v2' };
    expect(await invoker.invoke(REF, call, context())).toMatchObject({ version: 'v2' });
    await expect(
      invoker.invoke(REF, { ...request, version: 'v9' }, context()),
    ).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('v9') });
  });

  it('passes the protection of deployments, also when its secret was changed meanwhile', async () => {
    await using edge = await startEdge();
    const invoker = edge.invoker();
    edge.doors.set(edge.alias, version('v1'));
    edge.protection = edge.bypass = 'one';
    expect((await invoker.invoke(REF, request, context())).output).toBe('by v1');
    edge.protection = edge.bypass = 'two';
    const again = { ...request, requestId: 'r2' };
    expect((await invoker.invoke(REF, again, context())).output).toBe('by v1');
    edge.bypass = 'wrong';
    edge.protection = 'three';
    const thrown = await invoker.invoke(REF, request, context()).catch((error: unknown) => error);
    expect(classify(thrown)).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('protection'),
    });
  });

  it('finds a function that was made anew, and keys that were changed', async () => {
    await using edge = await startEdge();
    const invoker = edge.invoker();
    edge.doors.set(edge.alias, version('v1'));
    await invoker.invoke(REF, request, context());
    edge.keys = 'k2:fedcba9876543210';
    edge.doors.set(edge.alias, version('v1', edge.keys));
    const again = { ...request, requestId: 'r2' };
    expect((await invoker.invoke(REF, again, context())).output).toBe('by v1');
    // A deployment of before knows the older one of the two.
    edge.keys = 'k3:aaaabbbbccccdddd,k2:fedcba9876543210';
    const other = edge.invoker();
    const more = { ...request, requestId: 'r3' };
    expect((await other.invoke(REF, more, context())).output).toBe('by v1');
  });

  it('that fails inside tells what was thrown', async () => {
    await using edge = await startEdge();
    edge.doors.set(edge.alias, version('v1'));
    await expect(
      edge.invoker().invoke(REF, { ...request, input: 'throw' }, context()),
    ).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: 'main failed: RangeError: no',
      cause: expect.objectContaining({ name: 'RangeError' }),
    });
  });

  it('that Vercel answers is told by the code of its page', async () => {
    await using edge = await startEdge();
    const invoker = edge.invoker();
    const codeOf = async (status: number, code?: string): Promise<unknown> => {
      edge.doors.set(edge.alias, { status, ...(code === undefined ? {} : { code }) });
      const thrown = await invoker.invoke(REF, request, context()).catch((error: unknown) => error);
      const isOurs = typeof thrown === 'object' && thrown !== null && 'provider' in thrown;
      return isOurs && 'code' in thrown ? thrown.code : classify(thrown).code;
    };
    expect([
      await codeOf(500, 'FUNCTION_INVOCATION_FAILED'),
      await codeOf(502, 'NO_RESPONSE_FROM_FUNCTION'),
      await codeOf(504, 'FUNCTION_INVOCATION_TIMEOUT'),
      await codeOf(413, 'FUNCTION_PAYLOAD_TOO_LARGE'),
      await codeOf(500, 'FUNCTION_RESPONSE_PAYLOAD_TOO_LARGE'),
      await codeOf(503, 'FUNCTION_THROTTLED'),
      await codeOf(503, 'DEPLOYMENT_PAUSED'),
      await codeOf(404, 'DEPLOYMENT_NOT_FOUND'),
      await codeOf(500),
    ]).toEqual([
      'FUNCTION_FAILED',
      'FUNCTION_FAILED',
      'TIMEOUT',
      'PAYLOAD_TOO_LARGE',
      'PAYLOAD_TOO_LARGE',
      'RATE_LIMITED',
      'QUOTA_EXCEEDED',
      'UNAVAILABLE',
      'UNAVAILABLE',
    ]);
    const { calls } = edge.recorder.read(REF, NOW - 1, NOW + 1);
    expect(calls.map(({ outcome }) => outcome)).toEqual(['error', 'error', 'timeout', 'throttled']);
  });

  it('of what is not deployed is refused', async () => {
    await using edge = await startEdge();
    edge.live = 'v9';
    await expect(edge.invoker().invoke(REF, request, context())).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('an asynchronous call', () => {
  const later = { ...request, mode: 'async' } as const;

  it('is taken by the function itself', async () => {
    await using edge = await startEdge();
    edge.doors.set(edge.alias, version('v1'));
    const result = await edge.invoker().invoke(REF, later, context());
    expect(result).toMatchObject({ output: null, requestId: 'r1', version: 'v1' });
    expect(edge.recorder.read(REF, NOW - 1, NOW + 1).calls).toEqual([]);
  });

  it('needs Vercel Queues', async () => {
    await using edge = await startEdge();
    edge.doors.set(edge.alias, { status: 501, body: '{"error":"no"}' });
    const wanted = { code: 'UNSUPPORTED', message: expect.stringContaining('queues') };
    const unwilling = edge.invoker(false).invoke(REF, later, context());
    await expect(unwilling).rejects.toMatchObject(wanted);
    await expect(edge.invoker().invoke(REF, later, context())).rejects.toMatchObject(wanted);
    edge.doors.set(edge.alias, { status: 503, body: '{"error":"Queues are down."}' });
    await expect(edge.invoker().invoke(REF, later, context())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining('Queues are down.'),
    });
  });
});

describe('warming', () => {
  it('counts distinct instances, and no calls', async () => {
    await using edge = await startEdge();
    edge.doors.set(edge.alias, version('v1'));
    expect(await edge.invoker().warm(REF, 3, context())).toEqual({ distinctInstances: 1 });
    const { calls } = edge.recorder.read(REF, NOW - 1, NOW + 1);
    expect(calls.map(({ outcome }) => outcome)).toEqual(['warmed', 'warmed', 'warmed']);
  });
});

describe('a look at a deployment', () => {
  it('says whether the version answers at its own address', async () => {
    await using edge = await startEdge();
    edge.protection = edge.bypass = 'one';
    const invoker = edge.invoker();
    const look = (name = 'v2') =>
      invoker.verify(
        {
          projectId: 'prj_1',
          host: edge.own,
          functionId: 'shop/dev/main',
          version: name,
          expected: 'n',
        },
        context(),
      );
    expect(await look()).toMatchObject({ doubt: 'nowhere', notYet: expect.stringMatching(/^404/) });
    edge.doors.set(edge.own, version('v2'));
    expect([await look(), await look('v3')]).toMatchObject(['ok', { notYet: 'version v2' }]);
    edge.doors.set(edge.own, { status: 500, code: 'FUNCTION_INVOCATION_FAILED' });
    expect(await look()).toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.not.stringContaining('MB'),
    });
  });

  it('says so when the project holds no key', async () => {
    await using edge = await startEdge();
    edge.keys = 'k1:012';
    const look = {
      projectId: 'prj_1',
      host: edge.own,
      functionId: 'shop/dev/main',
      version: 'v1',
      expected: 'n',
    };
    await expect(edge.invoker().verify(look, context())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});
