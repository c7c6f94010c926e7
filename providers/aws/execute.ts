/** Does the steps of a plan, each a check-then-act. Decides nothing: that was the planner's. */
import { EVENT_EXECUTORS } from './events/execute.ts';
import { keepWarm, removeCapacity, setCapacity } from './execute/capacity.ts';
import { deleteArtifacts, uploadArtifact } from './execute/code.ts';
import { checkDestinations } from './execute/destinations.ts';
import { createFunction, updateCode, updateConfiguration } from './execute/function.ts';
import { inputOf } from './step-input.ts';
import { checkHandler } from './execute/handler.ts';
import { deleteRoleStep, ensureRole, narrowRole } from './execute/role.ts';
import {
  deleteFunction,
  deleteLogs,
  ensureLogs,
  markRemoval,
  setAsync,
  setReserved,
  writeRecord,
} from './execute/unversioned.ts';
import {
  deleteVersions,
  publishVersion,
  retireVersions,
  setAlias,
  verifyVersion,
} from './execute/version.ts';
import type { Invoker } from './invoke/index.ts';
import type { Executor } from './model.ts';

/** By the kind of the step. */
export function createExecutors(invoker: Invoker): Readonly<Record<string, Executor>> {
  /** What the invoker knows of the function is about to be wrong. */
  const forgetting =
    (executor: Executor): Executor =>
    async (aws, step, call) => {
      try {
        return await executor(aws, step, call);
      } finally {
        invoker.forget(inputOf<object>(step).target.ref);
      }
    };
  return {
    ...EVENT_EXECUTORS,
    'ensure-role': ensureRole,
    'narrow-role': narrowRole,
    'ensure-logs': ensureLogs,
    'upload-artifact': uploadArtifact,
    'create-function': createFunction,
    'update-configuration': updateConfiguration,
    'update-code': updateCode,
    'publish-version': publishVersion,
    'verify-version': verifyVersion((target, version, hasShim, call) =>
      invoker.verify(target, version, hasShim, call),
    ),
    'set-alias': forgetting(setAlias),
    'write-record': forgetting(writeRecord),
    'check-handler': checkHandler,
    'check-destinations': checkDestinations,
    'set-async': setAsync,
    'set-reserved': setReserved,
    'set-capacity': setCapacity,
    'keep-warm': keepWarm,
    'retire-versions': retireVersions,
    'delete-versions': deleteVersions,
    'remove-capacity': removeCapacity,
    'mark-removal': markRemoval,
    'delete-function': forgetting(deleteFunction),
    'delete-role': deleteRoleStep,
    'delete-logs': deleteLogs,
    'delete-artifacts': deleteArtifacts,
    warm: async (_aws, step, call) => {
      const { target, instances } = inputOf<{ instances: number }>(step);
      const { distinctInstances } = await invoker.warm(target.ref, instances, call);
      return { done: true, output: { distinctInstances } };
    },
  };
}
