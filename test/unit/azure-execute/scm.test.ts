/** Deployments as an SCM site tells of them. */
import { expect, it } from 'vitest';
import { followScm } from '../../../providers/azure/execute/publish/scm.ts';
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

it('a deployment that is never told of fails', async () => {
  await expect(followed(Array.from({ length: 30 }, () => 'none' as const))).rejects.toMatchObject({
    status: 404,
  });
});
