/** Cloud Resource Manager, v1 and v3: the project, and its policy. */
import { answerPolicyCall, requireRole } from '../core/access.ts';
import type { ApiService } from '../core/ports.ts';
import type { IamParts } from './service-accounts-api.ts';

const PATH = /^\/(v1|v3)\/projects\/([^/:]+)(?::(\w+))?$/;
const MADE = '2024-03-01T09:00:00Z';

export function createProjectsApi({ world }: IamParts): ApiService {
  const { projectId, projectNumber } = world;
  const resource = `projects/${projectId}`;
  return {
    api: 'cloudresourcemanager',
    async handle(call) {
      const [, version, project, verb] = PATH.exec(call.path) ?? [];
      if (project !== projectId) return undefined;
      if (verb !== undefined) {
        if (call.method !== 'POST') return undefined;
        requireRole(world, call, {
          resource,
          permission: `resourcemanager.projects.${verb}`,
          roles: ['roles/resourcemanager.projectIamAdmin'],
        });
        return answerPolicyCall(world, resource, verb, call.body);
      }
      if (call.method !== 'GET') return undefined;
      requireRole(world, call, {
        resource,
        permission: 'resourcemanager.projects.get',
        roles: ['roles/browser', 'roles/viewer'],
      });
      const body =
        version === 'v1'
          ? {
              projectNumber,
              projectId,
              lifecycleState: 'ACTIVE',
              name: projectId,
              createTime: MADE,
            }
          : {
              name: `projects/${projectNumber}`,
              parent: 'organizations/416161616161',
              projectId,
              state: 'ACTIVE',
              displayName: projectId,
              createTime: MADE,
              updateTime: MADE,
              etag: 'W/"a1b2c3d4e5f60718"',
            };
      return { status: 200, body };
    },
    inventory: () => [],
  };
}
