/** What was read of a function, after somebody else has changed it. */
import { describe, expect, it } from 'vitest';
import { context, REF, startEdge, version } from '../vercel-invoke/edge.ts';

const request = {
  input: 1,
  requestId: 'r1',
  idempotent: false,
  trace: undefined,
  mode: 'sync',
} as const;

describe('a call', () => {
  it('reads the function again once a version answers that is not known', async () => {
    await using edge = await startEdge();
    const invoker = edge.invoker();
    const reads = async (name: string, requestId: string): Promise<number> => {
      edge.doors.set(edge.alias, version(name));
      await invoker.invoke(REF, { ...request, requestId }, context());
      return edge.rest.length;
    };
    expect(await reads('v1', 'r1')).toBe(1);
    // Of a kept one, as after a rollback, all is known.
    expect(await reads('v2', 'r2')).toBe(1);
    expect(await reads('v3', 'r3')).toBe(1);
    expect(await reads('v1', 'r4')).toBe(2);
  });

  it('that Vercel Queues refuses for good is not to be tried again', async () => {
    await using edge = await startEdge();
    edge.doors.set(edge.alias, { status: 424, body: '{"error":"There is no OIDC token."}' });
    const later = { ...request, mode: 'async' } as const;
    await expect(edge.invoker().invoke(REF, later, context())).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      retryable: false,
      message: expect.stringContaining('There is no OIDC token.'),
    });
  });
});
