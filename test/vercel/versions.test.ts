/** What is made of the notes of versions, and of their deployments. */
import { describe, expect, it } from 'vitest';
import { presentVersions } from '../../providers/vercel/plan/versions.ts';
import type { VersionNote } from '../../providers/vercel/record.ts';

const note = (version: string): VersionNote => ({
  version,
  digest: version,
  artifactDigest: 'a',
  config: {
    handles: ['invoke'],
    memoryMb: 128,
    timeoutSeconds: 3,
    concurrency: 1,
    runtime: 'nodejs24.x',
    regions: ['fra1'],
    hasEnv: false,
    secrets: {},
  },
  deployment: { id: `dpl_${version}`, host: 'h', digest: 'd' },
  createdAt: '2026-11-20T12:00:00.000Z',
});

describe('a version whose deployment serves nothing any more', () => {
  it.each(['ERROR', 'CANCELED', 'BLOCKED', 'DELETED'])('is gone: %s', (state) => {
    const { kept, gone } = presentVersions(
      { versions: [note('one'), note('two')], next: null },
      {
        project: null,
        deployments: [
          { id: 'dpl_one', state, digest: 'd' },
          { id: 'dpl_two', state: 'READY', digest: 'd' },
        ],
      },
    );
    expect([kept.map(({ version }) => version), gone]).toEqual([['two'], ['one']]);
  });
});
