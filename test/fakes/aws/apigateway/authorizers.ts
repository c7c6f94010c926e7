/** JWT authorizers. */
import {
  object,
  optionalObject,
  optionalText,
  optionalTexts,
  text,
  texts,
  type Input,
} from '../core/operation.ts';
import type { RestInput, RestOutput, RestRoute } from '../core/rest.ts';
import { BAD, badRequest, conflict, notFound, tooMany } from './faults.ts';
import { discoverKeys } from './jwt.ts';
import { pageOf } from './page.ts';
import { newId, type ApiState, type AuthorizerState, type GatewayState } from './state.ts';

/** Of an API; audiences of an authorizer (API Gateway quotas). */
const MAX_AUTHORIZERS = 10;
const MAX_AUDIENCES = 50;
const IDENTITY_SOURCE = /^\$request\.(header|querystring)\.[\w-]+$/;
/** Only here can an issuer be asked for its keys ahead, as API Gateway does; all others are taken on trust. */
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/|$)/;

function describe(authorizer: AuthorizerState): object {
  return {
    authorizerId: authorizer.id,
    authorizerType: 'JWT',
    identitySource: [authorizer.identitySource],
    jwtConfiguration: { audience: authorizer.audience, issuer: authorizer.issuer },
    name: authorizer.name,
  };
}

function find(api: ApiState, id = ''): AuthorizerState {
  const authorizer = api.authorizers.get(id);
  if (!authorizer) throw notFound('Invalid Authorizer identifier specified');
  return authorizer;
}

function checkName(api: ApiState, name: string, own?: AuthorizerState): void {
  if ([...api.authorizers.values()].some((one) => one !== own && one.name === name)) {
    throw conflict(`Authorizer with name ${name} already exists for this API`);
  }
}

function readIdentitySource(sources: readonly string[]): string {
  const [source, ...more] = sources;
  if (source === undefined || more.length > 0 || !IDENTITY_SOURCE.test(source)) {
    throw badRequest(
      'Identity source for JWT authorizer should be exactly one of $request.header.NAME or $request.querystring.NAME',
    );
  }
  return source;
}

async function readJwt(
  configuration: Input,
): Promise<Pick<AuthorizerState, 'issuer' | 'audience'>> {
  const issuer = text(configuration, 'issuer', BAD);
  const audience = optionalTexts(configuration, 'audience', BAD) ?? [];
  if (audience.length === 0) throw badRequest('JWT audience is required');
  if (audience.length > MAX_AUDIENCES)
    throw tooMany('audiences for this authorizer', MAX_AUDIENCES);
  if (!URL.canParse(issuer) || !/^https?:$/.test(new URL(issuer).protocol)) {
    throw badRequest(`Invalid issuer: ${issuer}. Issuer must have a valid URL.`);
  }
  if (LOOPBACK.test(issuer)) {
    try {
      await discoverKeys(issuer);
    } catch (error) {
      throw badRequest(
        `Caught exception when connecting to ${issuer}/.well-known/openid-configuration for issuer ${issuer}. Please try again later. Error: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return { issuer, audience };
}

async function create(state: GatewayState, input: RestInput): Promise<RestOutput> {
  const { body } = input;
  const api = state.api(input.params['api']);
  const type = text(body, 'authorizerType', { ...BAD, oneOf: ['REQUEST', 'JWT'] });
  if (type !== 'JWT') throw badRequest('Only JWT authorizers are supported.');
  const name = text(body, 'name', { ...BAD, min: 1, max: 128 });
  const identitySource = readIdentitySource(texts(body, 'identitySource', BAD));
  const jwt = await readJwt(object(body, 'jwtConfiguration', BAD));
  checkName(api, name);
  if (api.authorizers.size >= MAX_AUTHORIZERS) {
    throw tooMany('authorizers for this API', MAX_AUTHORIZERS);
  }
  const authorizer: AuthorizerState = { id: newId(6), name, identitySource, ...jwt };
  api.authorizers.set(authorizer.id, authorizer);
  return { status: 201, body: describe(authorizer) };
}

async function update(state: GatewayState, input: RestInput): Promise<RestOutput> {
  const { body } = input;
  const api = state.api(input.params['api']);
  const authorizer = find(api, input.params['id']);
  const name = optionalText(body, 'name', { ...BAD, min: 1, max: 128 }) ?? authorizer.name;
  checkName(api, name, authorizer);
  const sources = optionalTexts(body, 'identitySource', BAD) ?? [authorizer.identitySource];
  const identitySource = readIdentitySource(sources);
  const given = optionalObject(body, 'jwtConfiguration', BAD);
  const { issuer, audience } = authorizer;
  const jwt = given ? await readJwt({ issuer, audience, ...given }) : {};
  Object.assign(authorizer, { name, identitySource }, jwt);
  return { body: describe(authorizer) };
}

function remove(state: GatewayState, input: RestInput): RestOutput {
  const api = state.api(input.params['api']);
  const { id } = find(api, input.params['id']);
  const users = [...api.routes.values()].filter((route) => route.authorizerId === id);
  if (users.length > 0) {
    throw conflict(
      `Cannot delete Authorizer '${id}'. It is referenced by the following Routes: [${users.map((route) => route.id).join(', ')}]`,
    );
  }
  api.authorizers.delete(id);
  return { status: 204 };
}

export function authorizerRoutes(state: GatewayState): readonly RestRoute[] {
  const path = '/v2/apis/{api}/authorizers';
  return [
    { method: 'POST', path, operation: 'CreateAuthorizer', run: (input) => create(state, input) },
    {
      method: 'GET',
      path,
      operation: 'GetAuthorizers',
      run: (input) =>
        pageOf([...state.api(input.params['api']).authorizers.values()].map(describe), input.query),
    },
    {
      method: 'GET',
      path: `${path}/{id}`,
      operation: 'GetAuthorizer',
      run: (input) => ({
        body: describe(find(state.api(input.params['api']), input.params['id'])),
      }),
    },
    {
      method: 'PATCH',
      path: `${path}/{id}`,
      operation: 'UpdateAuthorizer',
      run: (input) => update(state, input),
    },
    {
      method: 'DELETE',
      path: `${path}/{id}`,
      operation: 'DeleteAuthorizer',
      run: (input) => remove(state, input),
    },
  ];
}
