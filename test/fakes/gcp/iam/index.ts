/** IAM, its credentials, and the project's policy. */
import type { Identity } from '../core/identity.ts';
import type { ApiService } from '../core/ports.ts';
import { createCredentialsApi } from './credentials-api.ts';
import { createProjectsApi } from './projects-api.ts';
import { createServiceAccountsApi, type IamParts } from './service-accounts-api.ts';

export interface Iam {
  readonly services: readonly ApiService[];
}

export function createIam(parts: IamParts & { readonly identity: Identity }): Iam {
  return {
    services: [
      createServiceAccountsApi(parts),
      createCredentialsApi(parts, parts.identity),
      createProjectsApi(parts),
    ],
  };
}
