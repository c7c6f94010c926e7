/** All cases, in the order of the areas. */
import type { ContractCase } from '../case.ts';
import { BINDING_CASES } from './binding.ts';
import { BUS_CASES } from './bus.ts';
import { DEPLOY_FORM_CASES } from './deploy-forms.ts';
import { DEPLOY_REFUSED_CASES } from './deploy-refused.ts';
import { DEPLOY_CASES } from './deploy.ts';
import { FAULT_CASES } from './faults.ts';
import { FLEET_CASES } from './fleet.ts';
import { HTTP_GUARD_CASES } from './http-guard.ts';
import { HTTP_PATH_CASES } from './http-paths.ts';
import { HTTP_CASES } from './http.ts';
import { INPUT_CASES } from './input.ts';
import { INVOKE_ASYNC_CASES } from './invoke-async.ts';
import { INVOKE_CONTEXT_CASES } from './invoke-context.ts';
import { INVOKE_FAILURE_CASES } from './invoke-failure.ts';
import { INVOKE_PAYLOAD_CASES } from './invoke-payload.ts';
import { LOGS_CASES } from './logs.ts';
import { MEANWHILE_CASES } from './meanwhile.ts';
import { METRICS_CASES } from './metrics.ts';
import { OBJECT_CASES } from './object.ts';
import { OWNERSHIP_CASES } from './ownership.ts';
import { PLAN_CASES } from './plan.ts';
import { QUEUE_CASES } from './queue.ts';
import { REMOVE_CASES } from './remove.ts';
import { ROLLBACK_CASES } from './rollback.ts';
import { SCHEDULE_CASES } from './schedule.ts';
import { SECRETS_CASES } from './secrets.ts';
import { SIGNATURE_CASES } from './signature.ts';
import { STREAM_CASES } from './stream.ts';
import { TABLE_CASES } from './table.ts';
import { TOPIC_CASES } from './topic.ts';
import { WARM_CASES } from './warm.ts';

/** Everything that every adapter does the same way. */
export const contractCases: readonly ContractCase[] = [
  ...DEPLOY_CASES,
  ...DEPLOY_REFUSED_CASES,
  ...DEPLOY_FORM_CASES,
  ...PLAN_CASES,
  ...OWNERSHIP_CASES,
  ...ROLLBACK_CASES,
  ...REMOVE_CASES,
  ...FLEET_CASES,
  ...SECRETS_CASES,
  ...INVOKE_PAYLOAD_CASES,
  ...INVOKE_FAILURE_CASES,
  ...INVOKE_CONTEXT_CASES,
  ...INVOKE_ASYNC_CASES,
  ...SIGNATURE_CASES,
  ...BINDING_CASES,
  ...HTTP_CASES,
  ...HTTP_PATH_CASES,
  ...HTTP_GUARD_CASES,
  ...SCHEDULE_CASES,
  ...QUEUE_CASES,
  ...TOPIC_CASES,
  ...OBJECT_CASES,
  ...STREAM_CASES,
  ...TABLE_CASES,
  ...BUS_CASES,
  ...WARM_CASES,
  ...METRICS_CASES,
  ...LOGS_CASES,
  ...INPUT_CASES,
  ...FAULT_CASES,
  ...MEANWHILE_CASES,
];
