import { describe, expect, it, onTestFinished } from 'vitest';
import { createServerlessManager } from 'polyfaas';
import { ServerlessError, type VersionDescription } from 'polyfaas/spi';
import { stubProvider } from '../review/core-support.ts';

const EPOCH = new Date(0).toISOString();
const at = (version: string, createdAt: string): VersionDescription => ({
  version,
  createdAt,
  digest: version,
  handles: ['invoke'],
  memoryMb: 256,
  timeoutSeconds: 30,
});
const A = at('a', '2026-01-01T00:00:00.000Z');
const B = at('b', '2026-01-02T00:00:00.000Z');
const C = at('c', '2026-01-03T00:00:00.000Z');

/** Rolls back, and says to which version. */
async function target(
  liveVersion: string,
  versions: readonly VersionDescription[],
): Promise<string> {
  const stub = stubProvider({});
  const provider = stubProvider({
    observe: (ref) =>
      Promise.resolve({
        token: '1',
        description: {
          ...ref,
          provider: 'stub',
          region: 'here',
          physicalName: 'f',
          liveVersion,
          versions,
          bindings: [],
          url: null,
        },
      }),
    plan: {
      ...stub.plan,
      rollback({ version }) {
        throw new ServerlessError({ code: 'ALREADY_EXISTS', message: `to ${version}` });
      },
    },
  });
  const manager = await createServerlessManager(
    { functions: { f: { source: 'export default () => 1' } } },
    { provider: () => provider },
  );
  onTestFinished(() => manager.close());
  return manager.rollback('f').then(
    () => 'nowhere',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  );
}

describe('a rollback without a version', () => {
  it.each<[string, string, readonly VersionDescription[], string]>([
    ['the one before the live one', 'b', [A, B, C], 'to a'],
    ['the newest of those before', 'c', [B, A, C], 'to b'],
    [
      'the newest of the others, where the live one has not been noted as such',
      'c',
      [A, B, at('c', EPOCH)],
      'to b',
    ],
  ])('goes to %s', async (_which, live, versions, says) => {
    expect(await target(live, versions)).toBe(says);
  });

  it('never goes forward', async () => {
    expect(await target('a', [A, B, C])).toContain('keeps no version that is older');
  });
});
