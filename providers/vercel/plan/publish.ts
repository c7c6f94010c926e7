/** The steps that make a deployment, see that it works, bring it into service, and take away what it replaces. */
import type { FromRef, Step } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import {
  STEP,
  type DeploymentInput,
  type RetireInput,
  type SwitchInput,
  type VerifyInput,
} from '../steps.ts';
import { projectIdOf, step, type Pending } from './parts.ts';
import type { DeploymentWish, VersionWish } from './wish.ts';

/** The step's id, whose output tells the deployment. */
export const DEPLOYMENT = 'deployment';

/** Uploading, waiting for a turn among the builds of the team, and for the files to be everywhere. */
const DEPLOYMENT_SECONDS = 300;
/** One upload; a silent connection is given up after so long. */
const UPLOAD_ATTEMPT_SECONDS = 240;
const VERIFY_SECONDS = 180;
/** One look takes a call that starts an instance. */
const VERIFY_ATTEMPT_SECONDS = 60;
const SWITCH_SECONDS = 120;
const RETIRE_SECONDS = 300;

export function deploymentStep(
  target: Target,
  note: VersionWish,
  wish: DeploymentWish,
  parts: Pick<DeploymentInput, 'source' | 'expected'> & {
    /** There is one of the same version, made with other settings. */
    readonly isAgain: boolean;
  },
): Step {
  const { source, expected, isAgain } = parts;
  const input: Pending<DeploymentInput> = {
    projectId: projectIdOf(target),
    projectName: target.physicalName,
    ref: target.ref,
    version: note.version,
    artifactDigest: note.artifactDigest,
    source,
    config: note.config,
    ...wish,
    expected,
  };
  return step(target, {
    id: DEPLOYMENT,
    kind: STEP.deployment,
    phase: 'publish',
    title: isAgain ? 'Deploy again with the changed events' : `Deploy version ${note.version}`,
    input,
    deadlineSeconds: DEPLOYMENT_SECONDS,
    attemptSeconds: UPLOAD_ATTEMPT_SECONDS,
  });
}

export function verifyStep(target: Target, { version }: VersionWish, expected: string): Step {
  const { app, stage, name } = target.ref;
  const input: Pending<VerifyInput> = {
    projectId: projectIdOf(target),
    host: { $from: `${DEPLOYMENT}.host` },
    // What signatures of direct calls are about.
    functionId: `${app}/${stage}/${name}`,
    version,
    expected,
  };
  return step(target, {
    id: 'verify',
    kind: STEP.verify,
    phase: 'verify',
    title: 'See that the version answers',
    input,
    deadlineSeconds: VERIFY_SECONDS,
    attemptSeconds: VERIFY_ATTEMPT_SECONDS,
  });
}

/** One atomic act. */
export function switchStep(
  target: Target,
  parts: {
    readonly by: 'promote' | 'rollback';
    readonly version: string;
    readonly deploymentId: string | FromRef;
    readonly expected: string;
  },
): Step {
  const { by, version, deploymentId, expected } = parts;
  const input: Pending<SwitchInput> = { projectId: projectIdOf(target), deploymentId, expected };
  return step(target, {
    id: by,
    kind: STEP[by],
    phase: 'switch',
    title: by === 'promote' ? `Make version ${version} live` : `Go back to version ${version}`,
    input,
    deadlineSeconds: SWITCH_SECONDS,
  });
}

export function retireStep(
  target: Target,
  parts: Pick<RetireInput, 'versions' | 'live' | 'expected'> & {
    readonly keep: readonly (string | FromRef)[];
    readonly production: string | FromRef;
  },
): Step {
  const input: Pending<Omit<RetireInput, 'keep'>> & Pick<typeof parts, 'keep'> = {
    projectId: projectIdOf(target),
    ...parts,
  };
  return step(target, {
    id: 'retire',
    kind: STEP.retire,
    phase: 'retire',
    title: 'Delete old deployments',
    input,
    deadlineSeconds: RETIRE_SECONDS,
  });
}
