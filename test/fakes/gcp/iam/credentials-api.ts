/** IAM Service Account Credentials v1: ID tokens of an account, for those that may impersonate it. */
import { permissionDenied } from '../core/access.ts';
import { GoogleFault } from '../core/fault.ts';
import type { Identity } from '../core/identity.ts';
import { mapOf, textOf } from '../core/json.ts';
import type { ApiService } from '../core/ports.ts';
import { onlyFields, type IamParts } from './service-accounts-api.ts';

const PATH = /^\/v1\/projects\/-\/serviceAccounts\/([^/:]+):(\w+)$/;
const ACCESS_TOKEN_MS = 3_600_000;
const CREATOR = 'roles/iam.serviceAccountTokenCreator';

export function createCredentialsApi(parts: IamParts, identity: Identity): ApiService {
  const { world, accounts } = parts;
  return {
    api: 'iamcredentials',
    async handle(call) {
      const [, key, verb] = PATH.exec(call.path) ?? [];
      if (key === undefined || call.method !== 'POST') return undefined;
      const isIdToken = verb === 'generateIdToken';
      if (!isIdToken && verb !== 'generateAccessToken') return undefined;
      const account = accounts.find(key);
      const email = account?.email ?? key;
      const permission = isIdToken
        ? 'iam.serviceAccounts.getOpenIdToken'
        : 'iam.serviceAccounts.getAccessToken';
      const roles = isIdToken ? [CREATOR, 'roles/iam.serviceAccountOpenIdTokenCreator'] : [CREATOR];
      const resource = `projects/${world.projectId}/serviceAccounts/${email}`;
      if (!world.policies.allows(call.caller, resource, roles)) {
        throw permissionDenied(permission, resource);
      }
      if (!account && !identity.accountExists(email)) {
        throw new GoogleFault('NOT_FOUND', `Not found; Gaia id not found for email ${email}`);
      }
      const body = mapOf(call.body);
      if (isIdToken) {
        onlyFields(body, ['audience', 'includeEmail', 'delegates', 'organizationNumberIncluded']);
        const audience = textOf(body['audience']);
        if (audience === '') {
          throw new GoogleFault('INVALID_ARGUMENT', 'Request contains an invalid argument.');
        }
        const token = await identity.idToken(email, audience, body['includeEmail'] === true);
        return { status: 200, body: { token } };
      }
      onlyFields(body, ['scope', 'lifetime', 'delegates']);
      const { scope } = body;
      if (!Array.isArray(scope) || scope.length === 0) {
        throw new GoogleFault('INVALID_ARGUMENT', 'Request contains an invalid argument.');
      }
      return {
        status: 200,
        body: {
          accessToken: identity.accessToken({ kind: 'account', email }),
          expireTime: new Date(Date.now() + ACCESS_TOKEN_MS).toISOString(),
        },
      };
    },
    inventory: () => [],
  };
}
