/** Calls that left no line, told by the host alone. */
import { expect, it } from 'vitest';
import { readCallLines } from '../../../providers/azure/metrics/call-lines.ts';
import { startAzure } from './shim-azure.ts';

const START = Date.UTC(2026, 0, 1);
const WINDOW = { fromMs: START - 60_000, toMs: START + 60_000 };

it('a call is counted as crashed by what the host says of it, whatever its caller was answered', async () => {
  await using azure = await startAzure();
  // Its process ended, once while somebody waited, and twice when nobody did any more.
  azure.called(false, 500);
  azure.called(false, 499);
  azure.called(false, 499);
  // A version that says why it did not start.
  azure.called(true, 500);
  azure.called(true, 200);
  const counts = await readCallLines(azure.azure, 'w', 'shop-orders', WINDOW, azure.call);
  expect(counts).toMatchObject({ invocations: 3, errors: 3, timeouts: 0 });
});
