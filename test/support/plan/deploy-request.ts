/** The request of a wish: a letter in place of code, and the rest as users declare it. */
import { digestOf, versionDigest, type ArtifactManifest, type DeployRequest } from 'polyfaas/spi';
import { normalizeFunction } from '../../../src/spec/normalize.ts';
import type { FunctionSpecBase } from '../../../src/spec/types.ts';
import type { PlanBase } from './operations.ts';

export interface PlainWish extends FunctionSpecBase {
  readonly code: string;
  readonly adopt?: boolean;
  readonly pruneBindings?: boolean;
}

/** @param made what the package of the code is like; it handles what is said there */
export function deployRequest(
  base: PlanBase,
  wish: PlainWish,
  made: Pick<ArtifactManifest, 'handles'> & Partial<ArtifactManifest>,
): DeployRequest {
  const { code, adopt = false, pruneBindings = false, ...declared } = wish;
  const { spec } = normalizeFunction(base.ref.name, { ...declared, entry: './orders.ts' });
  const artifact: ArtifactManifest = {
    form: 'zip',
    digest: digestOf(code),
    sizeBytes: 1000,
    unpackedBytes: 2000,
    entryFile: 'polyfaas.mjs',
    signature: 'polyfaas',
    needsProcess: false,
    ...made,
  };
  const { env, memoryMb, timeoutSeconds, runtime, architecture } = spec;
  const digest = versionDigest({
    artifactDigest: artifact.digest,
    env,
    memoryMb,
    timeoutSeconds,
    runtime,
    architecture,
  });
  return { ...base, spec, artifact, versionDigest: digest, adopt, prune: pruneBindings };
}
