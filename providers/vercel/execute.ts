/** Does the steps of a plan, each a check-then-act. Decides nothing: that was the planner's. */
import { protectionBypass } from './execute/bypass.ts';
import { createDeployment } from './execute/deployment.ts';
import { writeEnv } from './execute/env.ts';
import { keepFiles } from './execute/files.ts';
import { writeKeys } from './execute/keys.ts';
import { deleteProject, ensureProject } from './execute/project.ts';
import { writeRecord } from './execute/record.ts';
import { retireDeployments } from './execute/retire.ts';
import { checkSecrets, linkSecrets } from './execute/secrets.ts';
import { promoteDeployment, rollBack } from './execute/switch.ts';
import { verifyDeployment, warmInstances, type Calls } from './execute/verify.ts';
import type { Executor } from './model.ts';
import { STEP } from './steps.ts';

export type { Calls } from './execute/verify.ts';

/** By the kind of the step. */
export function createExecutors(calls: Calls): Readonly<Record<string, Executor>> {
  const executors: Readonly<Record<(typeof STEP)[keyof typeof STEP], Executor>> = {
    [STEP.checkSecrets]: checkSecrets,
    [STEP.project]: ensureProject,
    [STEP.record]: writeRecord,
    [STEP.bypass]: protectionBypass,
    [STEP.keys]: writeKeys,
    [STEP.env]: writeEnv,
    [STEP.secrets]: linkSecrets,
    [STEP.files]: keepFiles,
    [STEP.deployment]: createDeployment,
    [STEP.verify]: verifyDeployment(calls),
    [STEP.promote]: promoteDeployment,
    [STEP.rollback]: rollBack,
    [STEP.retire]: retireDeployments,
    [STEP.deleteProject]: deleteProject,
    [STEP.warm]: warmInstances(calls),
  };
  return executors;
}
