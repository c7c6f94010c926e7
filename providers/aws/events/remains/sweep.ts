/** Of a function that was deleted by hand: what of it would call a new one of its name, though nobody declares it. */
import { removePings, removeScaling } from '../../execute/capacity.ts';
import { deleteRole } from '../../execute/role.ts';
import type { Executor } from '../../model.ts';
import { unsearchedPlaces } from '../../observe/leftovers.ts';
import { TAG } from '../../record.ts';
import { removeHttpApis } from '../http/delete-api.ts';
import { schedulerRoleName } from '../names.ts';
import { SCHEDULER_POLICIES } from '../schedule/role.ts';
import { done, inputOf } from '../steps.ts';
import { sweepMappings, sweepSchedules, type Wanted } from '../sweep.ts';
import { searched, type Search } from './search.ts';

/**
 * Mappings, schedules, the API, pings and scaling; all else needs a statement in the policy of the alias, and that went
 * with the function. Pings and scaling that are wished are made by later steps. Runs before anything is bound, and marks
 * the function at the end: the removal searches for the rest.
 */
export const sweepRemains: Executor = async (aws, step, call) => {
  const { target, wanted } = inputOf<{ wanted: Wanted }>(step);
  const search: Search = { aws, target, call, unsearched: new Set<string>() };
  const look = (what: string, work: () => Promise<unknown>): Promise<unknown> =>
    searched<unknown>(search, what, undefined, work);
  await Promise.all([
    look('event source mappings', () => sweepMappings(aws, target, wanted, call)),
    look('schedules', async () => {
      await sweepSchedules(aws, target, wanted, call);
      if (wanted.schedules.length > 0) return;
      await deleteRole(aws, target, schedulerRoleName(target), call, SCHEDULER_POLICIES);
    }),
    look('HTTP APIs', async () => {
      if (wanted.http !== 'api') await removeHttpApis(aws, target, call);
    }),
    look('pings', () => removePings(aws, target, call)),
    look('scaling', () => removeScaling(aws, target, call)),
  ]);
  if (search.unsearched.size > 0) {
    const { name } = target.ref;
    call.warn(
      `A function "${name}" was deleted without polyfaas, and what of it may still call the new one was not searched for everywhere: ${unsearchedPlaces([...search.unsearched].toSorted())}.`,
      { function: name },
    );
  }
  const lambda = await aws.lambda();
  await lambda.tagResource(
    { Resource: target.functionArn, Tags: { [TAG.remains]: 'silent' } },
    { abortSignal: call.signal },
  );
  return done();
};
