import { aliasArn } from '../../model.ts';
import type { DriftScope, Problem } from '../drift/scope.ts';
import { ifThere } from '../failures.ts';
import { schedulerRoleName } from '../names.ts';
import { readSchedule, type ScheduleWish } from './schedule.ts';

/** What is wrong with a schedule or the role that it takes, or undefined. */
export async function scheduleDrift(scope: DriftScope, wish: ScheduleWish): Promise<Problem> {
  const { aws, target, call } = scope;
  const found = await ifThere(readSchedule(await aws.scheduler(), wish, call));
  if (found === undefined) return 'its schedule is gone';
  const roleName = schedulerRoleName(target);
  const isAsWished =
    found.ScheduleExpression === wish.expression &&
    (found.ScheduleExpressionTimezone ?? 'UTC') === wish.timezone &&
    found.State === (wish.enabled ? 'ENABLED' : 'DISABLED') &&
    found.Target?.Arn === aliasArn(target) &&
    found.Target.Input === wish.input &&
    (found.Target.RoleArn?.endsWith(`:role/${roleName}`) ?? false);
  if (!isAsWished) return 'its schedule has other settings';
  return scope.schedulerRole();
}
