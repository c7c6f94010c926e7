/** Does the steps of a plan, each a check-then-act. Decides nothing: that was the planner's. */
import { EVENT_EXECUTORS } from './events/execute.ts';
import { secretAccess, serviceAccess } from './execute/access.ts';
import { buildFunction, deleteFunction } from './execute/function.ts';
import { leavingNothing } from './execute/overtaken.ts';
import { patient } from './execute/patience.ts';
import { writeRecord } from './execute/record.ts';
import { checkAccounts, checkSecrets } from './execute/checks.ts';
import { deleteServiceAccount, serviceAccount } from './execute/service-account.ts';
import { scaleService, setIngress, setLabels } from './execute/service-settings.ts';
import { deleteSecret, settingsSecret } from './execute/settings-secret.ts';
import { writeSettings } from './execute/settings.ts';
import { uploadSource } from './execute/source.ts';
import { moveTraffic, retireVersions, tagRevision } from './execute/traffic.ts';
import { verifyRevision, warmInstances, type Calls } from './execute/verify.ts';
import type { Executor } from './model.ts';
import { STEP } from './steps.ts';

export type { Calls } from './execute/verify.ts';

/** By the kind of the step. */
export function createExecutors(calls: Calls): Readonly<Record<string, Executor>> {
  const own: Readonly<Record<(typeof STEP)[keyof typeof STEP], Executor>> = {
    [STEP.checkAccounts]: checkAccounts,
    [STEP.checkSecrets]: checkSecrets,
    [STEP.settingsSecret]: settingsSecret,
    [STEP.serviceAccount]: serviceAccount,
    [STEP.secretAccess]: secretAccess,
    [STEP.record]: writeRecord,
    [STEP.settings]: writeSettings,
    [STEP.source]: uploadSource,
    [STEP.function]: buildFunction,
    [STEP.tag]: tagRevision,
    [STEP.verify]: verifyRevision(calls),
    [STEP.traffic]: moveTraffic,
    [STEP.scale]: scaleService,
    [STEP.ingress]: setIngress,
    [STEP.labels]: setLabels,
    [STEP.access]: serviceAccess,
    [STEP.retireVersions]: retireVersions,
    [STEP.deleteFunction]: deleteFunction,
    [STEP.deleteServiceAccount]: deleteServiceAccount,
    [STEP.deleteSecret]: deleteSecret,
    [STEP.warm]: warmInstances(calls),
  };
  const patiently = Object.fromEntries(
    Object.entries(own).map(([kind, executor]) => [kind, patient(executor)]),
  );
  // What passes of event sources is a table of their own.
  const all = { ...EVENT_EXECUTORS, ...patiently };
  return Object.fromEntries(
    Object.entries(all).map(([kind, executor]) => [kind, leavingNothing(executor)]),
  );
}
