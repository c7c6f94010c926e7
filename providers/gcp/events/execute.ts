/** Does the steps of event sources. Decides nothing: that was the planner's. */
import { patient } from '../execute/patience.ts';
import type { Executor } from '../model.ts';
import { ensureGrants, revokeGrants } from './grants/ensure.ts';
import { deleteBound } from './made/delete-bound.ts';
import { deleteSources } from './made/delete-sources.ts';
import { putNotification } from './object/notifications.ts';
import { passing } from './passing.ts';
import { putJob } from './schedule/jobs.ts';
import { ensureBucket } from './sources/bucket.ts';
import { checkSources } from './sources/check.ts';
import { ensureDeadLetters } from './sources/letters.ts';
import { ensureTopic } from './sources/topic.ts';
import { EVENT_STEP } from './steps.ts';
import { putSubscription } from './subscription/put.ts';
import { putTrigger } from './table/triggers.ts';

const PLAIN: Readonly<Record<string, Executor>> = {
  [EVENT_STEP.check]: checkSources,
  [EVENT_STEP.topic]: ensureTopic,
  [EVENT_STEP.bucket]: ensureBucket,
  [EVENT_STEP.letters]: ensureDeadLetters,
  [EVENT_STEP.grants]: ensureGrants,
  [EVENT_STEP.subscription]: putSubscription,
  [EVENT_STEP.notification]: putNotification,
  [EVENT_STEP.job]: putJob,
  [EVENT_STEP.trigger]: putTrigger,
  [EVENT_STEP.deleteBound]: deleteBound,
  [EVENT_STEP.revoke]: revokeGrants,
  [EVENT_STEP.deleteSources]: deleteSources,
};

/** By the kind of the step. Each is asked again while what it meets passes by itself. */
export const EVENT_EXECUTORS: Readonly<Record<string, Executor>> = Object.fromEntries(
  Object.entries(PLAIN).map(([kind, executor]) => [kind, patient(executor, passing)]),
);
