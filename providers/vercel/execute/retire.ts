/** Deletes what no version is behind any more: deployments of ours, and variables of versions that are gone. */
import type { Executor } from '../model.ts';
import type { RetireInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { deleteDeployment, isRunning, listDeployments, readProject } from './api.ts';
import { conflict } from './refusals.ts';
import { isSameFunction } from './same-function.ts';
import { tidyVariables } from './room.ts';
import { claimedRecord, variablesOf } from './variables.ts';

export const retireDeployments: Executor = async (vercel, step, call) => {
  const input = inputOf<RetireInput>(step);
  const { projectId, keep, expected } = input;
  const [project, deployments] = await Promise.all([
    readProject(vercel, projectId, call),
    listDeployments(vercel, projectId, {}, call),
  ]);
  if (project === undefined) throw conflict('its project is gone');
  // After the list: what another operation has deployed by now is in it only if its claim is in the record.
  const variables = await variablesOf(vercel, projectId, call);
  const record = claimedRecord(variables, expected);
  const { production, lastAliasRequest } = project;
  const needed = new Set([
    ...keep,
    production,
    isRunning(lastAliasRequest) ? lastAliasRequest?.to : null,
  ]);
  for (const { id, madeFor } of deployments) {
    // A project that was taken over has deployments of its former owner's, and any may get some of a branch.
    const isOurs = isSameFunction(madeFor, record);
    if (isOurs && !needed.has(id)) await deleteDeployment(vercel, id, call);
  }
  const { versions, live } = input;
  await tidyVariables(vercel, projectId, variables, { versions, deployed: [live] }, call);
  return { done: true };
};
