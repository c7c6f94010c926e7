/** Does the steps of event sources. Decides nothing: that was the planner's. */
import type { CallContext, StepResult } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import type { Executor, Target } from '../model.ts';
import { ensureBus } from './bus/ensure.ts';
import { deleteRule, putRule } from './bus/rule.ts';
import type { Claimed } from './claim/claim.ts';
import { unlessOvertaken } from './claim/give-way.ts';
import { guarded, seeRecord } from './claim/guard.ts';
import { deleteHttpApi } from './http/delete-api.ts';
import { deleteFunctionUrl, putFunctionUrl } from './http/function-url.ts';
import { putHttpApi } from './http/put-api.ts';
import { deleteSource } from './made/delete-source.ts';
import { deleteMapping, putMapping, settleMappings } from './mapping.ts';
import { ensureBucket } from './object/ensure.ts';
import { putNotifications } from './object/notifications.ts';
import { patient } from './patience.ts';
import { ensureQueue } from './queue/ensure.ts';
import { revokeSender } from './queue/revoke.ts';
import { sweepRemains } from './remains/sweep.ts';
import { deleteSchedulerRole, ensureSchedulerRole } from './schedule/role.ts';
import { deleteSchedule, putSchedule } from './schedule/schedule.ts';
import { ensureStream } from './stream/ensure.ts';
import { sweepBindings } from './sweep.ts';
import { ensureTable } from './table/ensure.ts';
import { ensureTopic } from './topic/ensure.ts';
import { deleteSubscription, putSubscription } from './topic/subscription.ts';

const PLAIN: Readonly<Record<string, Executor>> = {
  'ensure-queue': ensureQueue,
  'ensure-stream': ensureStream,
  'ensure-table': ensureTable,
  'ensure-topic': ensureTopic,
  'ensure-bucket': ensureBucket,
  'ensure-bus': ensureBus,
  'ensure-scheduler-role': ensureSchedulerRole,
  'put-mapping': putMapping,
  'put-subscription': putSubscription,
  'put-notifications': putNotifications,
  'put-rule': putRule,
  'put-schedule': putSchedule,
  'put-function-url': putFunctionUrl,
  'put-http-api': putHttpApi,
  'delete-mapping': deleteMapping,
  'delete-subscription': deleteSubscription,
  'delete-rule': deleteRule,
  'delete-schedule': deleteSchedule,
  'delete-scheduler-role': deleteSchedulerRole,
  'delete-function-url': deleteFunctionUrl,
  'delete-http-api': deleteHttpApi,
  'revoke-sender': revokeSender,
  'delete-source': deleteSource,
  'settle-mappings': settleMappings,
  'sweep-bindings': sweepBindings,
  'sweep-remains': sweepRemains,
};

/** Each is asked again while what it meets passes by itself. */
const PATIENT: Readonly<Record<string, Executor>> = mapped(PLAIN, patient);

/** By the kind of the step. They end in a conflict where another operation has overtaken theirs. */
export const EVENT_EXECUTORS: Readonly<Record<string, Executor>> = {
  ...mapped(PATIENT, (executor) => guarded(executor, PATIENT)),
  'see-record': seeRecord(PATIENT),
};

/** {@link unlessOvertaken}, for steps of others. */
export function giveWay(
  aws: AwsClients,
  claimed: Claimed & { readonly target: Target },
  call: CallContext,
): Promise<StepResult | undefined> {
  return unlessOvertaken(aws, PATIENT, claimed, call);
}

function mapped(
  executors: Readonly<Record<string, Executor>>,
  wrap: (executor: Executor) => Executor,
): Readonly<Record<string, Executor>> {
  return Object.fromEntries(
    Object.entries(executors).map(([kind, executor]) => [kind, wrap(executor)]),
  );
}
