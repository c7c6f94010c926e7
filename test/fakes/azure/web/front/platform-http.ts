/** What App Service itself does with requests: its CORS, and its authentication. */
import type { WireReply } from '../../core/ports.ts';
import type { PlaneRequest } from '../../core/service.ts';
import { listOf, objectOf } from '../body.ts';
import type { AppState } from '../state.ts';

/** With origins configured, App Service answers all OPTIONS of browsers by itself. */
export function preflight(app: AppState, request: PlaneRequest): WireReply | undefined {
  const isAsked =
    request.method === 'OPTIONS' &&
    request.headers['origin'] !== undefined &&
    request.headers['access-control-request-method'] !== undefined;
  if (!isAsked || origins(app).length === 0) return undefined;
  const headers = corsHeaders(app, request);
  const isAllowed = headers['access-control-allow-origin'] !== undefined;
  return {
    status: 204,
    headers: {
      ...headers,
      ...(isAllowed && {
        'access-control-allow-methods': request.headers['access-control-request-method'] ?? '',
        'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '',
      }),
    },
  };
}

export function corsHeaders(
  app: AppState,
  request: PlaneRequest,
): Readonly<Record<string, string>> {
  const { origin } = request.headers;
  const allowed = origins(app);
  if (origin === undefined || !(allowed.includes('*') || allowed.includes(origin))) return {};
  const withCredentials = objectOf(app.siteConfig, 'cors')['supportCredentials'] === true;
  return {
    'access-control-allow-origin': allowed.includes('*') ? '*' : origin,
    ...(withCredentials && { 'access-control-allow-credentials': 'true' }),
  };
}

function origins(app: AppState): readonly unknown[] {
  return listOf(app.siteConfig, 'cors', 'allowedOrigins') ?? [];
}

/** Refuses what is not signed in. Nobody can sign in here. */
export function authenticationOf(
  app: AppState,
  pathname: string,
  request: PlaneRequest,
): WireReply | undefined {
  const isOn = objectOf(app.authSettings, 'platform')['enabled'] === true;
  const validation = objectOf(app.authSettings, 'globalValidation');
  if (!isOn || validation['requireAuthentication'] !== true) return undefined;
  if ((listOf(validation, 'excludedPaths') ?? []).includes(pathname)) return undefined;
  const hasToken = request.headers['authorization'] !== undefined;
  return hasToken
    ? { status: 403, body: 'You do not have permission to view this directory or page.' }
    : { status: 401, headers: { 'www-authenticate': `Bearer realm="${app.host}"` } };
}
