import { describe, expect, it } from 'vitest';
import { versionDigest, type VersionParts } from '../../../src/spi/digest.ts';

const parts: VersionParts = {
  artifactDigest: 'a'.repeat(40),
  env: { REGION: 'eu', API_KEY: { $secret: 'key' } },
  memoryMb: 256,
  timeoutSeconds: 30,
  runtime: 'node',
};

describe('versionDigest', () => {
  it('does not count an architecture that is left to the platform', () => {
    expect(versionDigest({ ...parts, architecture: undefined })).toBe(versionDigest(parts));
  });

  it('is another one for every part that differs', () => {
    const changes: readonly Partial<VersionParts>[] = [
      {},
      { artifactDigest: 'b'.repeat(40) },
      { env: {} },
      { memoryMb: 512 },
      { timeoutSeconds: 31 },
      { runtime: 'node22' },
      { architecture: 'arm64' },
      { architecture: 'x86_64' },
    ];
    const digests = changes.map((change) => versionDigest({ ...parts, ...change }));
    expect(new Set(digests).size).toBe(changes.length);
  });
});
