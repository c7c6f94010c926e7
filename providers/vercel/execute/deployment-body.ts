/** The body of `POST /v13/deployments`, but for its files. */
import { META } from '../names.ts';
import type { DeploymentInput } from '../steps.ts';

/** Those that Vercel builds itself are told by it what they are; ours is nothing of the kind. */
export function deploymentBody({
  ref,
  projectId,
  projectName,
  version,
  digest,
  tags,
}: DeploymentInput): Readonly<Record<string, unknown>> {
  return {
    name: projectName,
    project: projectId,
    target: 'production',
    // Staged: it serves nobody before it is promoted.
    autoAssignCustomDomains: false,
    projectSettings: { framework: null },
    meta: {
      ...tags,
      [META.app]: ref.app,
      [META.stage]: ref.stage,
      [META.function]: ref.name,
      [META.version]: version,
      [META.digest]: digest,
    },
  };
}
