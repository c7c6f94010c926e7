/** Does the steps of a plan, each a check-then-act. Decides nothing: that was the planner's. */
import { EVENT_EXECUTORS } from './events/execute.ts';
import { activate } from './execute/activate.ts';
import { checkDestinations, findDestinations } from './execute/destinations.ts';
import { deleteGroup, ensureGroup } from './execute/group.ts';
import { deletePlan, ensurePlan } from './execute/hosting.ts';
import { deleteIdentity, ensureIdentity } from './execute/identity.ts';
import { deleteInsights, ensureInsights } from './execute/insights.ts';
import { uploadPackage } from './execute/package.ts';
import { checkEnvironment } from './execute/kept-environment.ts';
import { patient } from './arm/patience.ts';
import { unlessBack } from './execute/unless-back.ts';
import { writeRecord } from './execute/record.ts';
import { checkSecrets } from './execute/secrets.ts';
import { appSettings } from './execute/settings.ts';
import { configureSite, deleteSite, ensureSite } from './execute/site.ts';
import { deleteStorage, ensureStorage } from './execute/storage.ts';
import { openVault } from './execute/vault.ts';
import { deleteVersions, noteVersion, retireVersions } from './execute/versions.ts';
import type { Invoker } from './invoke/index.ts';
import type { Executor } from './model.ts';
import { inputOf } from './step-input.ts';

/** By the kind of the step. */
export function createExecutors(invoker: Invoker): Readonly<Record<string, Executor>> {
  /** What the invoker knows of the function is about to be wrong. */
  const forgetting =
    (executor: Executor): Executor =>
    async (azure, step, call) => {
      try {
        return await executor(azure, step, call);
      } finally {
        invoker.forget(inputOf<object>(step).target.ref);
      }
    };
  const own: Readonly<Record<string, Executor>> = {
    'ensure-group': ensureGroup,
    'ensure-storage': ensureStorage,
    'ensure-identity': ensureIdentity,
    'ensure-insights': ensureInsights,
    'ensure-plan': ensurePlan,
    'open-vault': openVault,
    'check-destinations': checkDestinations,
    'find-destinations': findDestinations,
    'ensure-site': forgetting(ensureSite),
    'upload-package': uploadPackage,
    'check-secrets': checkSecrets,
    'check-environment': checkEnvironment,
    'write-record': forgetting(writeRecord),
    'app-settings': forgetting(appSettings),
    'configure-site': configureSite,
    activate: forgetting(activate((site, version, call) => invoker.look(site, version, call))),
    'note-version': noteVersion,
    'retire-versions': retireVersions,
    'delete-versions': deleteVersions,
    'delete-site': forgetting(deleteSite),
    'delete-plan': unlessBack(deletePlan),
    'delete-identity': unlessBack(deleteIdentity),
    'delete-storage': unlessBack(deleteStorage),
    'delete-insights': deleteInsights,
    'delete-group': deleteGroup,
    warm: async (_azure, step, call) => {
      const { target, instances } = inputOf<{ instances: number }>(step);
      const { distinctInstances } = await invoker.warm(target.ref, instances, call);
      return { done: true, output: { distinctInstances } };
    },
  };
  const patiently = Object.fromEntries(
    Object.entries(own).map(([kind, executor]) => [kind, patient(executor)]),
  );
  return { ...EVENT_EXECUTORS, ...patiently };
}
