/** Makes the clients: nothing is loaded, and nothing sent, before the first call that needs it. */
import { isLoopback, once, ServerlessError, unlessAborted } from 'polyfaas/spi';
import type { PlatformSettings } from '../options.ts';
import { findAccount } from './account.ts';
import { deployer, deployPrebuilt } from './deploy.ts';
import type { DeployWire } from './deploy-wire.ts';
import type { VercelClients } from './index.ts';
import { createRest } from './rest.ts';
import { createTransport } from './transport.ts';

/** Where requests go, and as whom. */
export type ClientSettings = Pick<
  PlatformSettings,
  'token' | 'team' | 'apiEndpoint' | 'queueEndpoint'
>;

/** Questions whose answer is kept outlive the one who asked first. */
const NEVER = new AbortController().signal;

/**
 * @param now milliseconds since the epoch: what times of Vercel's are compared with.
 */
export function createClients(
  settings: ClientSettings,
  now: () => number = () => Date.now(),
): VercelClients {
  const { team, apiEndpoint, queueEndpoint } = settings;
  let isClosed = false;
  const wires = new Set<DeployWire>();
  const transport = createTransport();
  const reach = { apiEndpoint, team, now, token: () => tokenOf(settings) };
  const { rest, lines } = createRest(transport, reach);
  // The list of teams is the user's, whatever the team.
  const own = createRest(transport, { ...reach, team: null });
  const account = once(() => findAccount(own.rest, team, NEVER));

  const refuseClosed = (): void => {
    if (!isClosed) return;
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'vercel',
      message: 'This provider is closed. Create a new manager.',
    });
  };

  return {
    team,
    queueEndpoint,

    async account(signal) {
      refuseClosed();
      return unlessAborted(account(), signal);
    },

    async rest(request) {
      refuseClosed();
      return rest(request);
    },

    async *lines(request) {
      refuseClosed();
      yield* lines(request);
    },

    async deploy(deployment) {
      refuseClosed();
      return deployPrebuilt(reach, deployment, wires);
    },

    async loadDeployer() {
      await deployer();
    },

    originOf: (host) => (isLoopback(`http://${host}`) ? `http://${host}` : `https://${host}`),

    async close() {
      if (isClosed) return;
      isClosed = true;
      await Promise.all([transport.close(), ...Array.from(wires, (wire) => wire.end())]);
    },
  };
}

function tokenOf({ token }: Pick<ClientSettings, 'token'>): string {
  if (/^[\x21-\x7E]+$/.test(token)) return token;
  if (token !== '') {
    throw new ServerlessError({
      code: 'UNAUTHENTICATED',
      provider: 'vercel',
      message:
        'The access token for Vercel has spaces, line breaks or other characters in it that no token has. Correct the variable VERCEL_TOKEN, or providerOptions.vercel.token.',
    });
  }
  throw new ServerlessError({
    code: 'UNAUTHENTICATED',
    provider: 'vercel',
    message:
      'There is no access token for Vercel. Make one (vercel.com/account/settings/tokens, with the team as its scope), and set the variable VERCEL_TOKEN, or providerOptions.vercel.token.',
  });
}
