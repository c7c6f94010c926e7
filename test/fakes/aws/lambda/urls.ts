/** Function URLs: each has an HTTP server of its own. */
import {
  optionalFlag,
  optionalInteger,
  optionalObject,
  optionalText,
  optionalTexts,
  text,
  type Input,
} from '../core/operation.ts';
import type { RestInput, RestOutput, RestRoute } from '../core/rest.ts';
import { conflict, invalidParameter, notFound } from './faults.ts';
import { found, resource } from './functions.ts';
import { openEdge } from './http/edge.ts';
import { SYNC_BYTES } from './invoke.ts';
import { isVersion } from './names.ts';
import { page } from './page.ts';
import type { Found, FunctionState, LambdaState, UrlCors, UrlState } from './state.ts';
import { answerUrl } from './url-edge.ts';

const PAGE_SIZE = 50;
const AUTH_TYPES = { oneOf: ['NONE', 'AWS_IAM'] };
const INVOKE_MODES = { oneOf: ['BUFFERED', 'RESPONSE_STREAM'] };
const METHODS = ['GET', 'PUT', 'HEAD', 'POST', 'PATCH', 'DELETE', '*'];

function readCors(input: Input): UrlCors | undefined {
  const cors = optionalObject(input, 'Cors');
  if (cors === undefined) return undefined;
  const allowCredentials = optionalFlag(cors, 'AllowCredentials');
  const allowHeaders = optionalTexts(cors, 'AllowHeaders', { max: 100 });
  const allowMethods = optionalTexts(cors, 'AllowMethods', { max: 6 });
  const allowOrigins = optionalTexts(cors, 'AllowOrigins', { max: 100 });
  const exposeHeaders = optionalTexts(cors, 'ExposeHeaders', { max: 100 });
  const maxAge = optionalInteger(cors, 'MaxAge', { min: 0, max: 86_400 });
  const wrong = allowMethods?.find((method) => !METHODS.includes(method));
  if (wrong !== undefined) throw invalidParameter(`Invalid method in AllowMethods: ${wrong}`);
  return {
    ...(allowCredentials !== undefined && { allowCredentials }),
    ...(allowHeaders && { allowHeaders }),
    ...(allowMethods && { allowMethods }),
    ...(allowOrigins && { allowOrigins }),
    ...(exposeHeaders && { exposeHeaders }),
    ...(maxAge !== undefined && { maxAge }),
  };
}

function describe(fn: FunctionState, qualifier: string, url: UrlState): object {
  const { cors } = url;
  return {
    FunctionUrl: url.url,
    FunctionArn: qualifier === '' ? fn.arn : `${fn.arn}:${qualifier}`,
    AuthType: url.authType,
    ...(cors && {
      Cors: {
        AllowCredentials: cors.allowCredentials,
        AllowHeaders: cors.allowHeaders,
        AllowMethods: cors.allowMethods,
        AllowOrigins: cors.allowOrigins,
        ExposeHeaders: cors.exposeHeaders,
        MaxAge: cors.maxAge,
      },
    }),
    CreationTime: new Date(url.createdAt).toISOString(),
    LastModifiedTime: new Date(url.modifiedAt).toISOString(),
    InvokeMode: url.invokeMode,
  };
}

function target(state: LambdaState, input: RestInput): Found & { readonly key: string } {
  const { fn, qualifier } = found(state, input);
  if (qualifier !== undefined) {
    if (qualifier === '$LATEST' || isVersion(qualifier)) {
      throw invalidParameter('Function URLs are for a function or an alias, not for a version.');
    }
    state.alias(fn, qualifier);
  }
  return { fn, ...(qualifier !== undefined && { qualifier }), key: qualifier ?? '' };
}

function existing(fn: FunctionState, key: string): UrlState {
  const url = fn.urls.get(key);
  if (!url) throw notFound('The resource you requested does not exist.');
  return url;
}

function refuseStreaming(mode: string | undefined): void {
  if (mode === 'RESPONSE_STREAM') {
    throw invalidParameter('InvokeMode RESPONSE_STREAM is not supported.');
  }
}

async function create(state: LambdaState, input: RestInput): Promise<RestOutput> {
  const { fn, qualifier, key } = target(state, input);
  const authType = text(input.body, 'AuthType', AUTH_TYPES);
  const invokeMode = optionalText(input.body, 'InvokeMode', INVOKE_MODES) ?? 'BUFFERED';
  refuseStreaming(invokeMode);
  const cors = readCors(input.body);
  const refuseTwice = (): void => {
    if (!fn.urls.has(key)) return;
    throw conflict(
      `Failed to create function url config for [functionArn = ${fn.arn}${key && `:${key}`}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    );
  };
  refuseTwice();
  const edge = await openEdge({
    maxBodyBytes: SYNC_BYTES,
    handle: (request) => answerUrl(state, fn, qualifier, request),
  });
  // Opening takes a moment, in which another request may have come.
  if (fn.urls.has(key)) await edge.close();
  refuseTwice();
  const now = state.now();
  const url: UrlState = {
    url: `${edge.origin}/`,
    authType,
    invokeMode,
    ...(cors && { cors }),
    createdAt: now,
    modifiedAt: now,
    close: () => edge.close(),
  };
  fn.urls.set(key, url);
  return { status: 201, body: describe(fn, key, url) };
}

function update(state: LambdaState, input: RestInput): RestOutput {
  const { fn, key } = target(state, input);
  const url = existing(fn, key);
  const mode = optionalText(input.body, 'InvokeMode', INVOKE_MODES);
  refuseStreaming(mode);
  const cors = readCors(input.body);
  url.authType = optionalText(input.body, 'AuthType', AUTH_TYPES) ?? url.authType;
  url.invokeMode = mode ?? url.invokeMode;
  if (cors) url.cors = cors;
  url.modifiedAt = state.now();
  return { body: describe(fn, key, url) };
}

export function urlRoutes(state: LambdaState): readonly RestRoute[] {
  const path = '/2021-10-31/functions/{name}/url';
  const one = { resource: resource(state) };
  return [
    {
      method: 'POST',
      path,
      operation: 'CreateFunctionUrlConfig',
      ...one,
      run: (input) => create(state, input),
    },
    {
      method: 'PUT',
      path,
      operation: 'UpdateFunctionUrlConfig',
      ...one,
      run: (input) => update(state, input),
    },
    {
      method: 'GET',
      path,
      operation: 'GetFunctionUrlConfig',
      ...one,
      run(input) {
        const { fn, key } = target(state, input);
        return { body: describe(fn, key, existing(fn, key)) };
      },
    },
    {
      method: 'DELETE',
      path,
      operation: 'DeleteFunctionUrlConfig',
      ...one,
      async run(input) {
        const { fn, key } = target(state, input);
        const url = existing(fn, key);
        fn.urls.delete(key);
        await url.close();
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: '/2021-10-31/functions/{name}/urls',
      operation: 'ListFunctionUrlConfigs',
      ...one,
      run(input) {
        const { fn } = found(state, input);
        const { items, next } = page([...fn.urls], input.query, PAGE_SIZE);
        const configs = items.map(([key, url]) => describe(fn, key, url));
        return { body: { FunctionUrlConfigs: configs, ...next } };
      },
    },
  ];
}
