/** The project of a function: made with the first record in it, so that nobody ever sees one without; and deleted. */
import { type CallContext, textAt } from 'polyfaas/spi';
import { VercelApiError } from '../clients/error.ts';
import type { VercelClients } from '../clients/index.ts';
import type { Executor } from '../model.ts';
import { recordVariable } from '../record-text.ts';
import type { DeleteProjectInput, ProjectInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { readProject } from '../observe/project.ts';
import { ifThere } from '../errors.ts';
import { isWritten, recordValue, writeNext } from './record.ts';
import { conflict, refusal } from './refusals.ts';
import { isSameFunction } from '../same-function.ts';
import { KEPT_ONLY, variablesOf } from './variables.ts';

export const ensureProject: Executor = async (vercel, step, call) => {
  const input = inputOf<ProjectInput>(step);
  await vercel.loadDeployer();
  if (input.projectId !== null) {
    await claim(vercel, input.projectId, input, call);
    return { done: true, output: { projectId: input.projectId } };
  }
  const made = await makeProject(vercel, input, call);
  if (made !== null) return { done: true, output: { projectId: made } };
  // By an attempt whose answer was lost, or by somebody who was faster.
  const found = await readProject(vercel, input.name, call);
  if (found === undefined) throw conflict(`its project "${input.name}" was made and deleted`);
  await claim(vercel, found.id, input, call);
  return { done: true, output: { projectId: found.id } };
};

/** @returns its id; null when there is one of that name. */
async function makeProject(
  vercel: VercelClients,
  { name, record, topics }: ProjectInput,
  call: CallContext,
): Promise<string | null> {
  const value = recordValue({ record, topics, before: {} }, call.clock.now());
  const variable = { key: recordVariable(1), value, type: 'plain', target: KEPT_ONLY };
  const body = { name, environmentVariables: [variable] };
  try {
    const path = '/v11/projects';
    const made = await vercel.rest({ method: 'POST', path, body, signal: call.signal });
    const id = textAt(made, 'id');
    if (id !== undefined) return id;
    throw refusal('UNAVAILABLE', 'Vercel told no id of the project it made. Try again.', {
      retryable: true,
    });
  } catch (error) {
    if (isTakenName(error)) return null;
    throw error;
  }
}

function isTakenName(error: unknown): boolean {
  if (!(error instanceof VercelApiError)) return false;
  return error.status === 409 || (error.status === 400 && /already exists/i.test(error.message));
}

/** Writes our record into a project that is there, where that may be done. */
async function claim(
  vercel: VercelClients,
  projectId: string,
  { name, record, topics, adopt }: ProjectInput,
  call: CallContext,
): Promise<void> {
  const variables = await variablesOf(vercel, projectId, call);
  const present = variables.kept?.record;
  if (present !== undefined && isWritten(present, record)) return;
  if (present !== undefined && isSameFunction(present, record)) {
    throw conflict('another deploy has made its project');
  }
  if (present !== undefined) {
    throw refusal(
      'ALREADY_EXISTS',
      `The project "${name}" belongs to the function "${present.name}" of ${present.app}/${present.stage}, and is not taken over. Give this function another project in providerOptions.vercel.projectNames, or remove the other function first.`,
    );
  }
  if (!adopt) {
    throw refusal(
      'ALREADY_EXISTS',
      `The project "${name}" exists and does not belong to this function. Delete it, give the function another project in providerOptions.vercel.projectNames, or take it over with \`adopt: true\`.`,
    );
  }
  await writeNext(vercel, projectId, variables, { record, topics, before: {} }, call);
}

/** All of a function is in its project, and goes with it. */
export const deleteProject: Executor = async (vercel, step, call) => {
  const { projectId } = inputOf<DeleteProjectInput>(step);
  const path = `/v9/projects/${encodeURIComponent(projectId)}`;
  await ifThere(vercel.rest({ method: 'DELETE', path, signal: call.signal }));
  return { done: true };
};
