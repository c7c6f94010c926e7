/** Managers over one fake of Azure, on a clock that waiting moves. */
import { createServerlessManager, type ServerlessManager } from 'polyfaas';
import { createAzureProvider } from 'polyfaas/azure';
import { onTestFinished } from 'vitest';
import { createClients } from '../../../providers/azure/clients/create.ts';
import type { AzureClients } from '../../../providers/azure/clients/index.ts';
import { placeOf, type Place } from '../../../providers/azure/names.ts';
import { createAzureFake, type AzureFake } from '../../fakes/azure/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { WaitingClock } from '../../support/waiting-clock.ts';

export const REGION = 'westeurope';
export const API = '2025-05-01';

export interface OnFake {
  readonly fake: AzureFake;
  readonly clock: ManualClock;
  /** A new manager, as a new process has. */
  manager(spec?: object, azure?: object): Promise<ServerlessManager>;
  /** With other functions, or another configuration. */
  managerOf(config: object, azure?: object): Promise<ServerlessManager>;
  /** Resource Manager, asked by somebody else. */
  readonly observer: AzureClients;
  readonly place: Place;
  /** The app settings, as they are. */
  settings(siteId?: string): Promise<Readonly<Record<string, string>>>;
  /** All of them, as somebody else writes them; and the time that the restart takes. */
  setSettings(properties: Readonly<Record<string, string>>): Promise<void>;
  /** Names of blobs of packages, artifacts and notes, sorted. */
  blobs(): readonly string[];
}

export const REF = { app: 'shop', stage: 'dev', name: 'orders' };

/** Answers what it is, and what it was given. */
export function source(text: string, before = ''): string {
  return `${before}\nexport default { invoke: async (input) => ({ said: '${text}', part: process.env.PART ?? null, input }) };`;
}

/** Code that does something bad when it is loaded there, and nothing where it is packaged. */
export function broken(
  text: string,
  bad: string,
): { source: string; handles: readonly ['invoke']; env: { BROKEN: string } } {
  return {
    source: source(text, `if (process.env.BROKEN === 'yes') { ${bad} }`),
    handles: ['invoke'],
    env: { BROKEN: 'yes' },
  };
}

export async function onFake(): Promise<OnFake> {
  const clock = new ManualClock(Date.now());
  const fake = await createAzureFake({ clock, location: REGION });
  const managers: ServerlessManager[] = [];
  const { subscriptionId, endpoint } = fake;
  const logsEndpoint = fake.world.planes.logs;
  const observer = createClients({
    subscriptionId,
    location: REGION,
    endpoint,
    logsEndpoint,
    cloud: 'public',
    credential: fake.observer,
  });
  onTestFinished(async () => {
    await Promise.all(managers.map((manager) => manager.close()));
    observer.close();
    await fake.stop();
  });
  const managerOf = async (config: object, azure: object = {}): Promise<ServerlessManager> => {
    const options = { subscriptionId, endpoint, logsEndpoint, credential: fake.credential };
    const manager = await createServerlessManager(
      {
        app: REF.app,
        stage: REF.stage,
        region: REGION,
        functions: {},
        ...config,
        providerOptions: { azure: { ...options, ...azure } },
      },
      { clock: new WaitingClock(clock), provider: createAzureProvider },
    );
    managers.push(manager);
    return manager;
  };
  const place = placeOf(REF, subscriptionId, { resourceGroup: null, siteNames: {} });
  const { signal } = new AbortController();
  return {
    fake,
    clock,
    observer,
    place,
    manager: (spec = {}, azure = {}) =>
      managerOf({ functions: { orders: { source: source('one'), ...spec } } }, azure),
    managerOf,
    async settings(siteId = place.siteId) {
      const path = `${siteId}/config/appsettings/list`;
      const { body } = await observer.arm({ method: 'POST', path, apiVersion: API, signal });
      const texts: Record<string, string> = {};
      const found = typeof body === 'object' && body !== null && 'properties' in body ? body : {};
      for (const [name, value] of Object.entries(Object(Reflect.get(found, 'properties')))) {
        texts[name] = String(value);
      }
      return texts;
    },
    async setSettings(properties) {
      const path = `${place.siteId}/config/appsettings`;
      const body = { properties };
      await observer.arm({ method: 'PUT', path, apiVersion: API, body, signal });
      await clock.advance(60_000);
    },
    blobs: () =>
      fake
        .inventory()
        .flatMap((line) => /^storage blob [^/]+\/polyfaas\/(.+)$/.exec(line)?.[1] ?? []),
  };
}
