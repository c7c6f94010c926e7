/** Deletes what no version is behind any more: deployments, and variables of versions that are gone. */
import type { CallContext } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { envVariable, VARIABLE } from '../manifest.ts';
import type { Executor } from '../model.ts';
import { filesVariable } from '../record-text.ts';
import type { RetireInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { deleteDeployment, isRunning, listDeployments, readProject } from './api.ts';
import { conflict } from './refusals.ts';
import {
  changeVariable,
  claimedRecord,
  deleteVariable,
  hasTargets,
  isTooMuch,
  KEPT_ONLY,
  type Variables,
  variablesOf,
} from './variables.ts';

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
  claimedRecord(variables, expected);
  const { production, lastAliasRequest } = project;
  const needed = new Set([
    ...keep,
    production,
    isRunning(lastAliasRequest) ? lastAliasRequest?.to : null,
  ]);
  for (const { id } of deployments) {
    if (!needed.has(id)) await deleteDeployment(vercel, id, call);
  }
  await retireVariables(vercel, input, variables, call);
  return { done: true };
};

async function retireVariables(
  vercel: VercelClients,
  { projectId, versions, live }: RetireInput,
  variables: Variables,
  call: CallContext,
): Promise<void> {
  const kept = new Set(versions.flatMap((one) => [envVariable(one), filesVariable(one)]));
  const deployed = envVariable(live);
  for (const variable of variables.all) {
    const { id, key } = variable;
    const isEnv = key.startsWith(VARIABLE.env);
    if (!isEnv && !key.startsWith(VARIABLE.files)) continue;
    if (!kept.has(key)) {
      await deleteVariable(vercel, projectId, id, call);
    } else if (isEnv && key !== deployed && !hasTargets(variable, KEPT_ONLY)) {
      await putAside(vercel, projectId, id, call);
    }
  }
}

/** All that deployments are given together has 64 KB: each has what its own version needs. */
async function putAside(
  vercel: VercelClients,
  projectId: string,
  id: string,
  call: CallContext,
): Promise<void> {
  try {
    await changeVariable(vercel, projectId, id, { target: KEPT_ONLY }, call);
  } catch (error) {
    if (!isTooMuch(error)) throw error;
    // No room there either. The deployment of the version has its own for good; another one of it cannot be made.
    await deleteVariable(vercel, projectId, id, call);
  }
}
