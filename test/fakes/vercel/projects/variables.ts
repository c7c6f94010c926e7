/** Which values of variables a new deployment gets. */
import type { Project, ProjectStore } from './store.ts';

/**
 * The project's own, and those of the team that are linked to it; of the same key the project's own wins.
 *
 * @param target of the deployment: `production` or `preview`
 */
export function variablesFor(
  store: ProjectStore,
  projectId: string,
  target: string,
): Readonly<Record<string, string>> {
  const project = store.find(projectId);
  if (!project) return {};
  const values: Record<string, string> = {};
  for (const variable of store.shared.values()) {
    const isLinked = variable.projectIds.has(project.id);
    if (isLinked && variable.targets.includes(target)) values[variable.key] = variable.value;
  }
  return { ...values, ...ownVariables(project, target) };
}

function ownVariables(project: Project, target: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { key, value, targets, gitBranch } of project.variables.values()) {
    // Deployments that are no branch's have none of a branch.
    if (gitBranch === null && targets.includes(target)) values[key] = value;
  }
  return values;
}
