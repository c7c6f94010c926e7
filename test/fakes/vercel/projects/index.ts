/** Projects, their environment variables and those of the team, and the secrets of automation. */
import type { ApiService } from '../core/ports.ts';
import { bypassApi } from './bypass-api.ts';
import type { ProjectsContext } from './context.ts';
import { projectsApi } from './projects-api.ts';
import { sharedApi } from './shared-api.ts';
import { variablesApi } from './variables-api.ts';

export function createProjects(context: ProjectsContext): readonly ApiService[] {
  return [projectsApi(context), variablesApi(context), sharedApi(context), bypassApi(context)];
}
