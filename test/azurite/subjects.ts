/** Two services that must do the same: Azurite, and our own fake. Each with the adapter's own clients. */
import { setTimeout as pause } from 'node:timers/promises';
import { StorageSharedKeyCredential } from '@azure/storage-blob';
import { createClients, type AzureClients } from '../../providers/azure/clients/index.ts';
import { DEPLOYER, Scene } from '../unit/azure-fake-storage/support.ts';
import { startFront } from './front.ts';

export interface Subject {
  readonly account: string;
  readonly credential: StorageSharedKeyCredential;
  /** With the account, without a slash at the end. */
  readonly blobs: string;
  readonly queues: string;
  /** A bearer token that is taken for everything. */
  readonly token: string;
  /** The adapter's own; Resource Manager tells nothing but where the account answers. */
  readonly azure: AzureClients;
  now(): number;
  /** Lets so much time pass. */
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
}

type Parts = Omit<Subject, 'azure' | 'credential'> & { readonly key: string };

function subjectOf({ key, ...parts }: Parts): Subject {
  const token = { token: parts.token, expiresOnTimestamp: Date.now() + 86_400_000 };
  const clients = createClients(
    {
      subscriptionId: 'subscription',
      location: 'westeurope',
      endpoint: 'http://127.0.0.1:9',
      logsEndpoint: undefined,
      cloud: 'public',
      credential: { getToken: () => Promise.resolve(token) },
    },
    () => parts.now(),
  );
  const primaryEndpoints = { blob: `${parts.blobs}/`, queue: `${parts.queues}/` };
  return {
    ...parts,
    credential: new StorageSharedKeyCredential(parts.account, key),
    azure: {
      ...clients,
      arm: () =>
        Promise.resolve({ status: 200, headers: {}, body: { properties: { primaryEndpoints } } }),
    },
    async stop() {
      clients.close();
      await parts.stop();
    },
  };
}

async function startFake(): Promise<Subject> {
  const account = 'orders';
  const scene = await new Scene().start();
  await scene.account(account);
  const { planes } = scene.world;
  return subjectOf({
    account,
    key: scene.storage.storage.keyOf(account),
    blobs: `${planes.blob}/${account}`,
    queues: `${planes.queue}/${account}`,
    token: scene.token(DEPLOYER),
    now: () => scene.clock.now(),
    pass: (ms) => scene.clock.advance(ms),
    stop: () => scene.stop(),
  });
}

async function startAzurite(): Promise<Subject> {
  const account = setting('POLYFAAS_AZURITE_ACCOUNT');
  const key = setting('POLYFAAS_AZURITE_KEY');
  const credential = new StorageSharedKeyCredential(account, key);
  const blob = await startFront(setting('POLYFAAS_AZURITE_BLOB'), credential);
  const queue = await startFront(setting('POLYFAAS_AZURITE_QUEUE'), credential);
  return subjectOf({
    account,
    key,
    blobs: `${blob.url}/${account}`,
    queues: `${queue.url}/${account}`,
    token: 'replaced-on-its-way',
    now: () => Date.now(),
    pass: (ms) => pause(ms),
    async stop() {
      await blob.stop();
      await queue.stop();
    },
  });
}

/** For `describe.each`. */
export const SUBJECTS = [
  { name: 'Azurite', start: startAzurite },
  { name: 'our fake', start: startFake },
] as const;

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error('run this by `npm run test:azurite`');
  return value;
}
