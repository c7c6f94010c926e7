/** Makes the clients: nothing is loaded, and nothing sent, before the first call that needs it. */
import { once, ServerlessError, unlessAborted } from 'polyfaas/spi';
import type { PlatformSettings } from '../options.ts';
import { Auth } from './auth.ts';
import { createFunctionsClient } from './functions.ts';
import type { GcpClients } from './index.ts';
import { textAt } from './json.ts';
import { createRest } from './rest.ts';
import { createTransport } from './transport.ts';

/** Where requests go, and as whom. */
export type ClientSettings = Pick<
  PlatformSettings,
  | 'projectId'
  | 'projectNumber'
  | 'location'
  | 'auth'
  | 'endpoints'
  | 'certificates'
  | 'invokerServiceAccount'
>;

/** Questions whose answer is kept outlive the one who asked first. */
const NEVER = new AbortController().signal;

export function createClients(
  settings: ClientSettings,
  now: () => number = () => Date.now(),
): GcpClients {
  const { endpoints } = settings;
  let isClosed = false;
  const transport = createTransport();
  const auth = new Auth(settings, now, async (email, audience) => {
    const reply = await rest({
      api: 'iamcredentials',
      method: 'POST',
      path: `/v1/projects/-/serviceAccounts/${encodeURIComponent(email)}:generateIdToken`,
      body: { audience, includeEmail: true },
      signal: NEVER,
    });
    const token = textAt(reply, 'token');
    if (token !== undefined) return token;
    throw new ServerlessError({
      code: 'UNAUTHENTICATED',
      provider: 'gcp',
      message: `providerOptions.gcp.invokerServiceAccount: Google gave no ID token for "${email}".`,
    });
  });
  const rest = createRest(transport, auth, endpoints, now);
  const functions = once(() =>
    createFunctionsClient(endpoints.functions, auth, () => auth.projectId(NEVER)),
  );
  let loaded: ReturnType<typeof functions> | undefined;

  const number = once(async () => {
    if (settings.projectNumber !== null) return settings.projectNumber;
    const project = await auth.projectId(NEVER);
    const path = `/v3/projects/${encodeURIComponent(project)}`;
    const reply = await rest({ api: 'cloudresourcemanager', method: 'GET', path, signal: NEVER });
    const [, found] = /^projects\/(\d+)$/.exec(textAt(reply, 'name') ?? '') ?? [];
    if (found !== undefined) return found;
    throw new ServerlessError({
      code: 'NOT_FOUND',
      provider: 'gcp',
      message: `Google does not tell the number of the project "${project}". Write \`projectNumber\` into providerOptions.gcp (\`gcloud projects describe ${project}\` tells it).`,
    });
  });

  const refuseClosed = (): void => {
    if (!isClosed) return;
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'gcp',
      message: 'This provider is closed. Create a new manager.',
    });
  };

  return {
    location: settings.location,
    endpoints,
    certificates: settings.certificates,

    async projectId(signal) {
      refuseClosed();
      return auth.projectId(signal);
    },

    async projectNumber(signal) {
      refuseClosed();
      return unlessAborted(number(), signal);
    },

    async functions() {
      refuseClosed();
      loaded = functions();
      return loaded;
    },

    async rest(request) {
      refuseClosed();
      return rest(request);
    },

    async accessToken(signal) {
      refuseClosed();
      return auth.accessToken(signal);
    },

    async idToken(audience, signal) {
      refuseClosed();
      return auth.idToken(audience, signal);
    },

    async http(call) {
      refuseClosed();
      return transport.send(call);
    },

    async close() {
      if (isClosed) return;
      isClosed = true;
      const client = await loaded?.catch(() => undefined);
      await client?.close().catch(() => {});
      await transport.close();
    },
  };
}
