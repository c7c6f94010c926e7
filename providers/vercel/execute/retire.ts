/** Deletes what no version is behind any more: deployments of ours, and variables of versions that are gone. */
import type { Executor } from '../model.ts';
import type { RetireInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { listDeployments } from '../observe/deployments.ts';
import { promotedNow, readProject } from '../observe/project.ts';
import { deleteDeployment } from './delete-deployment.ts';
import { conflict } from './refusals.ts';
import { isSameFunction } from '../same-function.ts';
import { tidyVariables } from './room.ts';
import { claimedRecord, variablesOf } from './variables.ts';

export const retireDeployments: Executor = async (vercel, step, call) => {
  const input = inputOf<RetireInput>(step);
  const { projectId, keep, production: planned, expected } = input;
  const [project, deployments] = await Promise.all([
    readProject(vercel, projectId, call),
    listDeployments(vercel, projectId, {}, call),
  ]);
  if (project === undefined) throw conflict('its project is gone');
  // After the list: what another operation has deployed by now is in it only if its claim is in the record.
  const variables = await variablesOf(vercel, projectId, call);
  const record = claimedRecord(variables, expected);
  const { production } = project;
  const promoted = promotedNow(project);
  // What is written next knows those that are kept, and no others: what goes live beside them would be lost.
  if (promoted !== null && !keep.includes(promoted)) {
    throw conflict('a promotion of another deployment is under way');
  }
  if (planned !== undefined && production !== planned) {
    throw conflict('another deployment was made live');
  }
  const needed = new Set([...keep, production, promoted]);
  // A project that was taken over has deployments of its former owner's, and any may get some of a branch.
  const ours = deployments.filter(({ madeFor }) => isSameFunction(madeFor, record));
  const stays = ours.filter(({ id }) => needed.has(id)).map(({ version }) => version);
  for (const { id } of ours) {
    if (!needed.has(id)) await deleteDeployment(vercel, id, call);
  }
  const versions = [...input.versions, ...stays];
  await tidyVariables(vercel, projectId, variables, { versions, deployed: [input.live] }, call);
  return { done: true };
};
