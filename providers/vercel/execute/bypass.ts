/** The secret that lets our calls through the protection of deployments: all but production are behind it by default. */
import type { Executor } from '../model.ts';
import type { BypassInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { readProject } from '../observe/project.ts';
import { conflict } from './refusals.ts';

export const protectionBypass: Executor = async (vercel, step, call) => {
  const { projectId } = inputOf<BypassInput>(step);
  const project = await readProject(vercel, projectId, call);
  if (project === undefined) throw conflict('its project is gone');
  if (!project.hasBypass) {
    const path = `/v1/projects/${encodeURIComponent(projectId)}/protection-bypass`;
    const body = { generate: { note: 'polyfaas' } };
    await vercel.rest({ method: 'PATCH', path, body, signal: call.signal });
  }
  return { done: true };
};
