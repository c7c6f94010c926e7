/** Makes the clients: nothing is loaded, and nothing sent, before the first call that needs it. */
import type { TokenCredential } from '@azure/identity';
import type { WebSiteManagementContext } from '@azure/arm-appservice/api';
import type { BlobServiceClient } from '@azure/storage-blob';
import { isLoopback, type JsonValue, once, ServerlessError } from 'polyfaas/spi';
import type { Agent } from 'undici';
import { AzureError } from '../arm/error.ts';
import { retryAfterOf, saidIn } from '../errors/read.ts';
import { CLOUDS, type CloudName } from './clouds.ts';
import type { ArmReply, ArmRequest, AzureClients, HttpAnswer, HttpCall } from './index.ts';
import { loadSdk } from './load-sdk.ts';
import { Tokens } from './tokens.ts';

/** Where requests go, and as whom. */
export interface ClientSettings {
  readonly subscriptionId: string | undefined;
  /** Azure's own name of the region. */
  readonly location: string | undefined;
  /** Undefined: the cloud's. */
  readonly endpoint: string | undefined;
  /** Undefined: the cloud's. */
  readonly logsEndpoint: string | undefined;
  readonly cloud: CloudName;
  readonly credential: TokenCredential | undefined;
}

const USER_AGENT = 'polyfaas';
/** Connections to one origin. */
const MAX_CONNECTIONS = 256;
const CONNECT_TIMEOUT_MS = 10_000;
const NO_RETRIES = { maxRetries: 0 };

export function createClients(
  settings: ClientSettings,
  now: () => number = () => Date.now(),
): AzureClients {
  const cloud = CLOUDS[settings.cloud];
  const endpoint = settings.endpoint ?? cloud.endpoint;
  const isLocal = endpoint.startsWith('http:');
  let isClosed = false;
  const tokens = new Tokens(
    once(() => credentialOf(settings)),
    now,
  );

  /** A token leaves this machine only encrypted, and only for Azure. */
  const refuseOpen = (url: string): void => {
    if (url.startsWith('https:') || isLoopback(url)) return;
    throw refusal(`Refused to send a token over an open connection: ${new URL(url).origin}.`);
  };
  const refuseForeign = (url: string): void => {
    refuseOpen(url);
    const [home, asked] = [new URL(endpoint), new URL(url)];
    const isHome = asked.host === home.host || asked.hostname.endsWith(`.${home.hostname}`);
    if (!isHome)
      throw refusal(`Refused to send a token to ${asked.origin}: it is not ${endpoint}.`);
  };

  const web = once(async (): Promise<WebSiteManagementContext> => {
    const { createWebSiteManagement } = await loadSdk(
      '@azure/arm-appservice',
      import('@azure/arm-appservice/api'),
    );
    const { management } = cloud.scopes;
    const none: TokenCredential = { getToken: () => Promise.resolve(null) };
    const context = createWebSiteManagement(none, clients.subscriptionId, {
      endpoint,
      allowInsecureConnection: isLocal,
      retryOptions: NO_RETRIES,
      userAgentOptions: { userAgentPrefix: USER_AGENT },
    });
    // The vendor's own refuses connections to this machine, and asks for tokens once more per client.
    context.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
    context.pipeline.addPolicy(
      {
        name: 'polyfaasToken',
        async sendRequest(request, next) {
          refuseForeign(request.url);
          const signal = request.abortSignal instanceof AbortSignal ? request.abortSignal : NEVER;
          const signed = async (): Promise<[string, Awaited<ReturnType<typeof next>>]> => {
            const token = await tokens.of(management, signal);
            request.headers.set('authorization', `Bearer ${token}`);
            return [token, await next(request)];
          };
          const [token, response] = await signed();
          if (response.status !== 401) return response;
          tokens.forget(management, token);
          return (await signed())[1];
        },
      },
      { phase: 'Sign' },
    );
    return context;
  });

  const agent = once(async (): Promise<Agent> => {
    const { Agent: Pool } = await import('undici');
    return new Pool({
      connections: MAX_CONNECTIONS,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  });
  const pools: Agent[] = [];
  const blobClients = new Map<string, Promise<BlobServiceClient>>();

  const clients: AzureClients = {
    get subscriptionId() {
      if (settings.subscriptionId === undefined) throw noSubscription();
      return settings.subscriptionId;
    },
    get location() {
      if (settings.location === undefined) throw noLocation();
      return settings.location;
    },
    scheme: isLocal ? 'http:' : 'https:',
    logsEndpoint: (settings.logsEndpoint ?? cloud.logsEndpoint).replace(/\/+$/, ''),

    async arm(request) {
      refuseClosed(isClosed);
      const context = await web();
      request.signal.throwIfAborted();
      return answered(request, await readable(request, send(context, request)));
    },

    async web() {
      refuseClosed(isClosed);
      return web();
    },

    blobs(url) {
      refuseClosed(isClosed);
      const known = blobClients.get(url);
      if (known) return known;
      const made = blobClient(url, async (asked, signal) => {
        refuseOpen(asked);
        return tokens.of(cloud.scopes.storage, signal);
      });
      blobClients.set(url, made);
      made.catch(() => blobClients.delete(url));
      return made;
    },

    async loadBlobs() {
      await blobPackage();
    },

    token(audience, signal) {
      refuseClosed(isClosed);
      return tokens.of(cloud.scopes[audience], signal);
    },

    async http(call) {
      refuseClosed(isClosed);
      refuseOpen(call.url);
      const pool = await agent();
      if (!pools.includes(pool)) pools.push(pool);
      return sendHttp(pool, call);
    },

    close() {
      isClosed = true;
      for (const pool of pools.splice(0)) void pool.destroy();
    },
  };
  return clients;
}

const NEVER = new AbortController().signal;

async function credentialOf(settings: ClientSettings): Promise<TokenCredential> {
  if (settings.credential) return settings.credential;
  const { DefaultAzureCredential } = await loadSdk('@azure/identity', import('@azure/identity'));
  return new DefaultAzureCredential({ authorityHost: CLOUDS[settings.cloud].authorityHost });
}

interface RawReply {
  readonly status: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

async function send(context: WebSiteManagementContext, request: ArmRequest): Promise<RawReply> {
  const { method, body, signal } = request;
  const call = context.path(urlOf(request));
  const options = {
    abortSignal: signal,
    ...(request.headers === undefined ? {} : { headers: { ...request.headers } }),
    ...(body === undefined ? {} : { body, contentType: 'application/json' }),
  };
  const reply =
    method === 'GET'
      ? await call.get(options)
      : method === 'HEAD'
        ? await call.head(options)
        : method === 'PUT'
          ? await call.put(options)
          : method === 'PATCH'
            ? await call.patch(options)
            : method === 'POST'
              ? await call.post(options)
              : await call.delete(options);
  const said: unknown = reply.body;
  return { status: reply.status, headers: reply.headers, body: said };
}

function urlOf({ path, apiVersion, query = {} }: ArmRequest): string {
  const parameters = new URLSearchParams({
    ...(apiVersion === undefined ? {} : { 'api-version': apiVersion }),
    ...query,
  }).toString();
  if (parameters === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${parameters}`;
}

/** The SDK quotes an answer that it cannot read, and with it the keys and settings that are in there. */
async function readable(request: ArmRequest, reply: Promise<RawReply>): Promise<RawReply> {
  try {
    return await reply;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'PARSE_ERROR')) throw error;
    const status = 'statusCode' in error ? Number(error.statusCode) : Number.NaN;
    throw unreadable(request, status > 0 ? status : 200, '');
  }
}

function unreadable({ method, path }: ArmRequest, status: number, said: string): AzureError {
  const more = said === '' ? '' : `: ${said}`;
  const message = `The answer to ${method} ${path.split('?')[0]} is not Azure's, or was cut off${more}`;
  return new AzureError(status, '', message);
}

function answered(request: ArmRequest, reply: RawReply): ArmReply {
  const { method, path } = request;
  const status = Number(reply.status);
  if (status >= 400) {
    const { code, message } = saidIn(reply.body);
    const plain = message || `Azure answered ${method} ${path.split('?')[0]} with ${status}.`;
    throw new AzureError(status, code, plain, { retryAfterMs: retryAfterOf(reply.headers) });
  }
  // A page of a proxy is not a resource without tags.
  if (typeof reply.body === 'string' && /^\s*</.test(reply.body)) {
    throw unreadable(request, status, saidIn(reply.body).message);
  }
  return { status, headers: reply.headers, body: jsonOf(reply.body) };
}

// What was parsed from JSON is JSON; a page of text is a string.
function jsonOf(body: unknown): JsonValue | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return body === '' ? undefined : (body as JsonValue | undefined);
}

const blobPackage = () => loadSdk('@azure/storage-blob', import('@azure/storage-blob'));

async function blobClient(
  url: string,
  tokenFor: (url: string, signal: AbortSignal) => Promise<string>,
): Promise<BlobServiceClient> {
  const sdk = await blobPackage();
  const pipeline = sdk.newPipeline(new sdk.AnonymousCredential(), {
    retryOptions: { maxTries: 1 },
    userAgentOptions: { userAgentPrefix: USER_AGENT },
  });
  // The vendor's own policy refuses connections to this machine.
  pipeline.factories.push({
    create: (next) => ({
      async sendRequest(request) {
        const signal = request.abortSignal instanceof AbortSignal ? request.abortSignal : NEVER;
        request.headers.set('authorization', `Bearer ${await tokenFor(request.url, signal)}`);
        return next.sendRequest(request);
      },
    }),
  });
  return new sdk.BlobServiceClient(url, pipeline);
}

async function sendHttp(pool: Agent, call: HttpCall): Promise<HttpAnswer> {
  const { request } = await import('undici');
  const { method, url, headers = {}, body, signal } = call;
  const reply = await request(url, {
    method,
    headers: { 'user-agent': USER_AGENT, ...headers },
    dispatcher: pool,
    signal,
    ...(body === undefined ? {} : { body }),
  });
  const flat = Object.entries(reply.headers).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return {
    status: reply.statusCode,
    headers: Object.fromEntries(flat),
    text: await reply.body.text(),
  };
}

function refuseClosed(isClosed: boolean): void {
  if (isClosed) throw refusal('This provider is closed. Create a new manager.');
}

function noSubscription(): ServerlessError {
  return refusal(
    'subscriptionId: none is set. Write `subscriptionId` into providerOptions.azure, or set AZURE_SUBSCRIPTION_ID (`az account show --query id` tells it).',
  );
}

function noLocation(): ServerlessError {
  return refusal(
    'region: none is set. Write `region` into the configuration (such as "eu-west" or "westeurope"), or set AZURE_LOCATION.',
  );
}

function refusal(message: string): ServerlessError {
  return new ServerlessError({ code: 'INVALID_ARGUMENT', provider: 'azure', message });
}
