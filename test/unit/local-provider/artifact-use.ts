import type { CodeStore } from '../../../providers/local/state/code-store.ts';

/** Versions that need these artifacts. */
export const needing = (digests: ReadonlySet<string>): Parameters<CodeStore['sweep']>[0] => ({
  artifactsInUse: () => digests,
  mayNeedArtifact: (digest) => digests.has(digest),
});
