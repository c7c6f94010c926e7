/** Gives production traffic to another deployment, at once for all: by promotion, or back to one that served before. */
import { again, type CallContext, type JsonObject, keptOf, type StepResult } from 'polyfaas/spi';
import { VercelApiError } from '../clients/error.ts';
import type { VercelClients } from '../clients/index.ts';
import { isMissing } from '../errors.ts';
import { originHost } from '../hosts.ts';
import type { Executor } from '../model.ts';
import type { SwitchInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { readDeployment } from '../observe/deployments.ts';
import { type Project, promotedNow, readProject } from '../observe/project.ts';
import { conflict, refusal } from './refusals.ts';
import { claimedRecord, variablesOf } from './variables.ts';

const FAILED = new Set(['failed', 'skipped']);

const promote: Request = async (vercel, input, { signal }) => {
  await vercel.rest({ method: 'POST', path: pathOf('v10', 'promote', input), body: {}, signal });
};

export const promoteDeployment: Executor = switching('promoting the deployment', promote);

export const rollBack: Executor = switching('rolling back', async (vercel, input, call) => {
  const { signal } = call;
  try {
    await vercel.rest({ method: 'POST', path: pathOf('v1', 'rollback', input), body: {}, signal });
  } catch (error) {
    // Hobby rolls back to the deployment before the present one only ("Instant Rollback"). Older ones can be promoted.
    if (!(error instanceof VercelApiError) || error.status !== 402) throw error;
    await promote(vercel, input, call);
  }
});

function pathOf(
  version: string,
  verb: string,
  { projectId, deploymentId }: Pick<SwitchInput, 'projectId' | 'deploymentId'>,
): string {
  return `/${version}/projects/${encodeURIComponent(projectId)}/${verb}/${encodeURIComponent(deploymentId)}`;
}

type Request = (vercel: VercelClients, input: SwitchInput, call: CallContext) => Promise<void>;

function switching(stage: string, request: Request): Executor {
  return async (vercel, step, call) => {
    const input = inputOf<SwitchInput>(step);
    const { projectId, deploymentId, expected } = input;
    const project = await readProject(vercel, projectId, call);
    if (project === undefined) throw conflict('its project is gone');
    const switched = project.lastAliasRequest;
    const isOurs = switched?.to === deploymentId;
    if (promotedNow(project) !== null) {
      // Ours may have been asked for by an attempt whose answer was lost. Another's is waited for.
      return again(call, {
        stage: isOurs ? stage : 'waiting for another promotion to end',
        keep: { ...former(call), asked: isOurs || keptOf(call)['asked'] === true },
      });
    }
    if (project.production === deploymentId) return told(vercel, project, deploymentId, call);
    if (keptOf(call)['asked'] === true) {
      // What was deleted, while it was made live or after that, is in production no more, and comes never back.
      if (isOurs && (await readDeployment(vercel, deploymentId, call)) === undefined) {
        throw deleted();
      }
      if (isOurs && FAILED.has(switched?.status ?? '')) throw notSwitched(switched?.status ?? '');
      // It is over, and something else is in production: somebody asked for that afterwards.
      const isNews = switched !== null && switched.to !== keptOf(call)['before'];
      if (!isOurs && isNews) throw conflict('another deployment was made live');
      // It may be the one of before, made live once more: by whoever claimed the record since.
      if (!isOurs) claimedRecord(await variablesOf(vercel, projectId, call), expected);
      return again(call, { stage, keep: { ...former(call), asked: true } });
    }
    // Whoever claimed the record since goes on.
    claimedRecord(await variablesOf(vercel, projectId, call), expected);
    try {
      await request(vercel, input, call);
    } catch (error) {
      if (isMissing(error)) throw deleted(error);
      if (!isUnderWay(error)) throw error;
      return again(call, { stage: 'waiting for another promotion to end' });
    }
    // Vercel may go on telling of the one before for a moment.
    return again(call, { stage, keep: { asked: true, before: switched?.to ?? null } });
  };
}

/** What the last promotion was to, when ours was asked for. */
function former(call: CallContext): JsonObject {
  const { before } = keptOf(call);
  return before === undefined ? {} : { before };
}

/** Somebody asked for another one since it was looked at. */
function isUnderWay(error: unknown): boolean {
  return error instanceof VercelApiError && error.status === 409;
}

function deleted(cause?: unknown): ReturnType<typeof refusal> {
  return refusal(
    'CONFLICT',
    'Somebody deleted the deployment at Vercel that was to be made live. What is live stays so. Run the same operation again: it then goes by what is there.',
    cause === undefined ? {} : { cause },
  );
}

async function told(
  vercel: VercelClients,
  { aliases, name }: Project,
  deploymentId: string,
  call: CallContext,
): Promise<StepResult> {
  const known = originHost(aliases, name);
  // Without an address of its own, a project is reached at that of its deployment.
  const host = known ?? (await readDeployment(vercel, deploymentId, call))?.host ?? '';
  return { done: true, output: { url: vercel.originOf(host) } };
}

function notSwitched(status: string): ReturnType<typeof refusal> {
  return refusal(
    'UNAVAILABLE',
    `Vercel did not make the deployment live (${status}). Run the same operation again.`,
    { retryable: true },
  );
}
