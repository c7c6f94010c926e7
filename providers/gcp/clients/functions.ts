/** The vendor's client for functions: over REST, with our tokens, and without retries or pollers of its own. */
import type { v2 } from '@google-cloud/functions';
import type { GoogleAuth } from 'google-auth-library';
import type { Auth } from './auth.ts';
import type { GcpClients } from './index.ts';
import { loadSdk } from './load-sdk.ts';
import { refuseOpen } from './transport.ts';

/** The caller's own time counts; this only ends what nobody waits for any more. */
const LONGEST_MS = 600_000;

export type FunctionsClient = v2.FunctionServiceClient;
type RequestOptions = Parameters<GoogleAuth['request']>[0];

/** Options of one call of the vendor's client. */
export interface FunctionsCallOptions {
  readonly signal: AbortSignal;
  readonly timeout: number;
  readonly retry: null;
}

/**
 * Calls the vendor's client for functions. When the signal aborts, its reason is what is thrown, as everywhere else; the
 * vendor's own word for it would be an answer of Google's.
 */
export async function callFunctions<Result>(
  gcp: Pick<GcpClients, 'functions'>,
  signal: AbortSignal,
  call: (client: FunctionsClient, options: FunctionsCallOptions) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const client = await gcp.functions();
  signal.throwIfAborted();
  try {
    return await call(client, { signal, timeout: LONGEST_MS, retry: null });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error;
  }
}

/** Loads the package, which takes a moment: gRPC is loaded with it, though nothing of it is used. */
export async function createFunctionsClient(
  endpoint: string,
  auth: Pick<Auth, 'headers' | 'accessToken' | 'forget'>,
  projectId: () => Promise<string>,
): Promise<FunctionsClient> {
  refuseOpen(endpoint);
  const { protocol, hostname, port } = new URL(endpoint);
  const [sdk, library, project] = await Promise.all([
    loadSdk('@google-cloud/functions', import('@google-cloud/functions')),
    loadSdk('google-auth-library', import('google-auth-library')),
    projectId(),
  ]);

  /** Signs with the tokens of this adapter, and leaves every answer to the vendor's decoder. */
  class Signed extends library.AuthClient {
    override async request<Body>(options: RequestOptions) {
      const { token, headers } = await auth.headers(signalOf(options));
      const all = new Headers(options.headers);
      for (const [name, value] of Object.entries(headers)) all.set(name, value);
      const reply = await this.transporter.request<Body>({
        ...options,
        headers: all,
        retry: false,
        validateStatus: () => true,
      });
      if (reply.status === 401) auth.forget(token);
      return reply;
    }
    override async getRequestHeaders(): Promise<Headers> {
      return new Headers({ ...(await auth.headers(NEVER)).headers });
    }
    override async getAccessToken(): Promise<{ token: string }> {
      return { token: await auth.accessToken(NEVER) };
    }
  }

  // None of its methods is retried by the vendor's own configuration.
  return new sdk.v2.FunctionServiceClient({
    fallback: true,
    protocol: protocol.replace(':', ''),
    apiEndpoint: hostname,
    port: Number(port) || (protocol === 'http:' ? 80 : 443),
    universeDomain: 'googleapis.com',
    projectId: project,
    auth: new library.GoogleAuth({ projectId: project, authClient: new Signed() }),
  });
}

const NEVER = new AbortController().signal;

function signalOf(options: RequestOptions): AbortSignal {
  return options.signal instanceof AbortSignal ? options.signal : NEVER;
}
