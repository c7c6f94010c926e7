/**
 * The token endpoint that App Service gives to its apps: `IDENTITY_ENDPOINT` with `IDENTITY_HEADER`.
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
import { audienceOf } from './audiences.ts';
import { guidOf } from './guid.ts';
import type { Identity } from './identity.ts';
import type { WireReply } from './ports.ts';
import type { PlaneRequest } from './service.ts';

const API_VERSION = '2019-08-01';

export interface TokenEndpointParts {
  readonly identity: Identity;
  /** True for the principal of a managed identity that was deleted. */
  isGone(principalId: string): boolean;
}

export function answerTokenRequest(parts: TokenEndpointParts, request: PlaneRequest): WireReply {
  const { searchParams: query } = new URL(request.url, 'http://127.0.0.1');
  if (request.method !== 'GET') return refusal(405, 'Only GET is supported.');
  const identities = parts.identity.identitiesOf(request.headers['x-identity-header'] ?? '');
  if (!identities) return refusal(401, 'The X-IDENTITY-HEADER is missing or wrong.');
  if (query.get('api-version') !== API_VERSION) {
    return refusal(400, `The api-version must be ${API_VERSION}.`);
  }
  const resource = query.get('resource') ?? '';
  const audience = audienceOf(resource);
  if (audience === undefined) {
    return refusal(
      400,
      `AADSTS500011: The resource principal named ${resource} was not found in the tenant.`,
    );
  }
  const clientId = wanted(parts, query, identities);
  const principalId = clientId === undefined ? undefined : identities.get(clientId);
  if (clientId === undefined || principalId === undefined || parts.isGone(principalId)) {
    return refusal(400, 'Unable to load the proper Managed Identity.');
  }
  const caller = { kind: 'identity', principalId } as const;
  return {
    status: 200,
    body: {
      access_token: parts.identity.issue(caller, audience),
      client_id: clientId,
      expires_on: String(Math.floor(parts.identity.endOf(caller) / 1000)),
      resource,
      token_type: 'Bearer',
    },
  };
}

/** Which identity is meant. A user-assigned one must be named, even when it is the only one. */
function wanted(
  { identity }: TokenEndpointParts,
  query: URLSearchParams,
  identities: ReadonlyMap<string, string>,
): string | undefined {
  const clientId = query.get('client_id');
  if (clientId !== null) return clientId;
  const principalId = query.get('principal_id') ?? query.get('object_id');
  if (principalId !== null) {
    return [...identities].find(([, principal]) => principal === principalId)?.[0];
  }
  const resourceId = query.get('mi_res_id');
  return resourceId === null ? undefined : identity.identityOf(resourceId)?.clientId;
}

function refusal(statusCode: number, message: string): WireReply {
  return {
    status: statusCode,
    body: { statusCode, message, correlationId: guidOf(message) },
  };
}
