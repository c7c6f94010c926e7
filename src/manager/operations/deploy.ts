/** From a declaration to a plan: validate, package beside the first read, plan. */
import {
  checkHandles,
  checkSpec,
  requireCapability,
  roundToSteps,
  type ArtifactForm,
} from '../../engine/preflight.ts';
import { standInEnv } from '../../package/stand-in-env.ts';
import type { FunctionSpec } from '../../spec/types.ts';
import type { Artifact, ArtifactManifest } from '../../spi/artifact.ts';
import { versionDigest } from '../../spi/digest.ts';
import type { FunctionRef, Plan, Warning } from '../../spi/plan.ts';
import type { PlanOptions } from '../types.ts';
import type { OperationParts } from './parts.ts';

export async function planDeploy(
  parts: OperationParts,
  ref: FunctionRef,
  given: FunctionSpec,
  options: PlanOptions,
): Promise<Plan> {
  const { engine, packager, settings } = parts;
  const { provider } = engine;
  const normal = settings.normalize(ref.name, given);
  const { declared } = normal;
  const { spec, warnings } = roundToSteps(provider.capabilities, normal.spec);
  if (options.adopt) requireCapability(provider, { key: 'deploy.adopt', path: 'adopt' }, ref.name);
  // Asked of what was declared: in the normal form, a policy is always there.
  const path = `functions.${ref.name}.async.retry`;
  const asked = declared.async?.retry ? [{ key: 'invoke.asyncRetry', path } as const] : [];
  const specWarnings = checkSpec(provider, spec, formOf(declared), asked);

  // All begin at once; a failure of one stops the others.
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const guard = <Value>(task: Promise<Value>): Promise<Value> =>
    task.catch((error: unknown) => {
      stop.abort(error);
      throw stop.signal.reason;
    });
  const [artifact, identity, observed] = await Promise.all([
    guard(
      packager.package({
        name: ref.name,
        spec: declared,
        profile: provider.packaging,
        env: standInEnv(spec.env),
        signal,
      }),
    ),
    guard(engine.identify(signal)),
    guard(engine.observe(ref, signal, { full: options.drift === 'full', versions: false })),
  ]);
  checkHandles(provider.id, ref.name, artifact.handles, spec.bindings);
  const plan = provider.plan.deploy(
    {
      ref,
      identity,
      spec,
      artifact: manifestOf(artifact),
      versionDigest: versionDigest({
        artifactDigest: artifact.digest,
        env: spec.env,
        memoryMb: spec.memoryMb,
        timeoutSeconds: spec.timeoutSeconds,
        runtime: spec.runtime,
        architecture: spec.architecture,
      }),
      adopt: options.adopt ?? false,
      prune: options.prune ?? false,
    },
    observed,
  );
  return {
    ...plan,
    warnings: [
      ...normal.warnings,
      ...warnings,
      ...specWarnings,
      ...codeWarnings(ref.name, artifact),
      ...plan.warnings,
    ],
  };
}

/** What the bundler says of the code: what will not work, most often. */
function codeWarnings(name: string, { warnings = [] }: Artifact): readonly Warning[] {
  return warnings.map((message) => ({
    type: 'other',
    field: `functions.${name}`,
    message: `${message}.`,
  }));
}

function formOf(declared: FunctionSpec): ArtifactForm {
  if (declared.image !== undefined) return 'image';
  return declared.artifact === undefined ? 'bundle' : 'prebuilt';
}

function manifestOf(artifact: Artifact): ArtifactManifest {
  const { form, digest, sizeBytes, unpackedBytes, entryFile, handles, signature, needsProcess } =
    artifact;
  const base = {
    form,
    digest,
    sizeBytes,
    unpackedBytes,
    entryFile,
    handles,
    signature,
    needsProcess,
  };
  return artifact.imageUri === undefined ? base : { ...base, imageUri: artifact.imageUri };
}
