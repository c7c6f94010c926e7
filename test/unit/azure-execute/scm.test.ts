/** Deployments as an SCM site tells of them. */
import { expect, it } from 'vitest';
import { oneDeploy } from '../../../providers/azure/execute/publish/one-deploy.ts';
import { followScm } from '../../../providers/azure/execute/publish/scm.ts';
import type { Publication } from '../../../providers/azure/execute/publish/types.ts';
import { turnOf } from '../../../providers/azure/arm/turn.ts';
import type { JsonValue } from '../../../src/spi/index.ts';
import { startAzure } from '../azure-review/shim-azure.ts';

/** What is made of what the site answers, one answer for each look: a status of Kudu's, or 404. */
async function followed(answers: readonly (number | 'none')[]) {
  const left = [...answers];
  await using azure = await startAzure(({ path }) => {
    if (!path.endsWith('/api/deployments/d1')) return undefined;
    const status = left.shift();
    return typeof status === 'number'
      ? { status: 200, body: JSON.stringify({ status, status_text: 'said' }) }
      : { status: 404, body: '{}' };
  });
  let inner: JsonValue = { host: azure.host, id: 'd1' };
  for (;;) {
    const result = await followScm(azure.azure, turnOf(azure.call, inner));
    if (result.done) return { status: result.status, left: left.length };
    inner = result.inner;
  }
}

it.each([
  ['goes on until it has succeeded', [0, 1, 2, 4], 4],
  ['ends with one that failed', [1, 3], 3],
  ['ends with one that was cancelled', [0, -1], -1],
  ['waits for one that is not told of yet', ['none', 'none', 1, 4], 4],
  ['is over when the site that told of it is started anew', [1, 'none', 4], undefined],
] as const)('a deployment %s', async (_what, answers, status) => {
  expect(await followed(answers)).toMatchObject({ status });
});

it('a deployment that made way for another is published once more, and never taken for done', async () => {
  await using azure = await startAzure(({ path }) =>
    path.endsWith('/api/deployments/d1')
      ? { status: 200, body: JSON.stringify({ status: -1 }) }
      : undefined,
  );
  const kept = { by: 'scm', inner: { host: azure.host, id: 'd1' }, since: azure.clock.now() };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the only thing that is read of it
  const publication = { target: { ref: { name: 'orders' } } } as unknown as Publication;
  const publish = () => oneDeploy(azure.azure, publication, turnOf(azure.call, kept));
  expect(await publish()).toMatchObject({ done: false, resume: { by: 'later' } });
  await azure.clock.advance(600_000);
  await expect(publish()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

it('a deployment that is never told of fails', async () => {
  await expect(followed(Array.from({ length: 30 }, () => 'none' as const))).rejects.toMatchObject({
    status: 404,
  });
});
