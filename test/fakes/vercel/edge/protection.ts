import { headerOf } from '../../shared/runtime/header-list.ts';
import type { FunctionRequest, ProjectsPort, ReadyDeployment } from '../core/ports.ts';

const BYPASS = 'x-vercel-protection-bypass';

/**
 * Whether a request may pass the protection of a deployment.
 *
 * @see https://vercel.com/docs/deployment-protection/methods-to-bypass-deployment-protection/protection-bypass-automation
 */
export function mayPass(
  projects: ProjectsPort,
  { projectId }: ReadyDeployment,
  isProductionAlias: boolean,
  { headers, url }: FunctionRequest,
): boolean {
  const protection = projects.protectionOf(projectId);
  if (protection === 'none') return true;
  if (protection === 'all_but_production' && isProductionAlias) return true;
  const given = headerOf(headers, BYPASS) ?? new URLSearchParams(url.split('?')[1]).get(BYPASS);
  return given !== null && projects.bypassSecretsOf(projectId).includes(given);
}
