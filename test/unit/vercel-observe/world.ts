/** Functions on a fake of Vercel, put there as their record says. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionRef, ObserveOptions } from 'polyfaas/spi';
import { textAt } from 'polyfaas/spi';
import { onTestFinished } from 'vitest';
import { createClients } from '../../../providers/vercel/clients/create.ts';
import type { RestRequest, VercelClients } from '../../../providers/vercel/clients/index.ts';
import type { VercelObserved } from '../../../providers/vercel/model.ts';
import { META, projectName } from '../../../providers/vercel/names.ts';
import { observe } from '../../../providers/vercel/observe.ts';
import { platformSettings } from '../../../providers/vercel/options.ts';
import { placeOf } from '../../../providers/vercel/place.ts';
import { encodeRecord, recordVariable } from '../../../providers/vercel/record-text.ts';
import type { FunctionRecord, VersionNote } from '../../../providers/vercel/record.ts';
import { createVercelFake, type VercelFake } from '../../fakes/vercel/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const REF: FunctionRef = { app: 'shop', stage: 'dev', name: 'orders' };
export const NAME = 'shop-dev-orders';
/** Longer than a promotion takes. */
const LATER_MS = 60_000;
const MOST_LOOKS = 20;

const { signal } = new AbortController();

export interface World {
  readonly fake: VercelFake;
  readonly clock: ManualClock;
  readonly vercel: VercelClients;
  /** What was asked of Vercel, from now on: `GET /v9/projects/shop-dev-orders`. */
  readonly asked: string[];
  look(options?: ObserveOptions, given?: object): Promise<VercelObserved>;
  ask(request: Omit<RestRequest, 'signal'>): ReturnType<VercelClients['rest']>;
  /** Makes a project with this record as number 1. */
  project(record: FunctionRecord, name?: string): Promise<string>;
  /** Writes a variable for no deployment. */
  variable(projectId: string, key: string, value: string): Promise<void>;
  /** Deploys something that does nothing, of a version. */
  deploy(projectId: string, name: string, version: string): Promise<{ id: string; host: string }>;
  promote(projectId: string, deployment: string): Promise<void>;
}

export async function vercelWorld(): Promise<World> {
  const clock = new ManualClock(Date.now());
  const asked: string[] = [];
  const fake = await createVercelFake({
    clock,
    recorder: (_plane, method, path) => {
      asked.push(`${method} ${path.split('?')[0]}`);
    },
  });
  const settings = {
    token: fake.token,
    team: fake.teamId,
    apiEndpoint: fake.api,
    queueEndpoint: fake.queueEndpoint,
  };
  const vercel = createClients(settings);
  const observer = createClients({ ...settings, token: fake.observerToken });
  onTestFinished(async () => {
    await Promise.all([vercel.close(), observer.close()]);
    await fake.stop();
  });

  const ask: World['ask'] = (request) => observer.rest({ ...request, signal });
  const isReady = async (id: string): Promise<boolean> => {
    const found = await ask({ method: 'GET', path: `/v13/deployments/${id}` });
    return textAt(found, 'readyState') === 'READY';
  };

  return {
    fake,
    clock,
    vercel,
    asked,
    ask,
    look(options = {}, given = {}) {
      const platform = platformSettings({ team: fake.teamId, ...given }, 'eu-central', {});
      return observe(vercel, { place: placeOf(REF, platform), call: { signal }, options });
    },
    async project(first, name = projectName(first)) {
      const variable = {
        key: recordVariable(1),
        value: encodeRecord(first) ?? '',
        type: 'plain',
        target: ['development'],
      };
      const body = { name, environmentVariables: [variable] };
      return textAt(await ask({ method: 'POST', path: '/v11/projects', body }), 'id') ?? '';
    },
    async variable(projectId, key, value) {
      const body = [{ key, value, type: 'plain', target: ['development'] }];
      await ask({ method: 'POST', path: `/v10/projects/${projectId}/env`, body });
    },
    async deploy(projectId, name, version) {
      const folder = await outputOf(version);
      const meta = {
        [META.app]: REF.app,
        [META.stage]: REF.stage,
        [META.function]: REF.name,
        [META.version]: version,
        [META.digest]: `digest-${version}`,
      };
      const made = await observer.deploy({
        folder,
        body: {
          name,
          project: projectId,
          target: 'production',
          autoAssignCustomDomains: false,
          projectSettings: { framework: null },
          meta,
        },
        signal,
      });
      for (let looks = 0; looks < MOST_LOOKS && !(await isReady(made.id)); looks += 1) {
        await clock.advance(LATER_MS);
      }
      return made;
    },
    async promote(projectId, deployment) {
      const path = `/v10/projects/${projectId}/promote/${deployment}`;
      await ask({ method: 'POST', path, body: {} });
      await clock.advance(LATER_MS);
    },
  };
}

async function outputOf(version: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'polyfaas-vercel-observe-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const func = join(folder, '.vercel/output/functions/polyfaas/main.func');
  await mkdir(func, { recursive: true });
  const config = {
    runtime: 'nodejs24.x',
    handler: 'index.mjs',
    launcherType: 'Nodejs',
    shouldAddHelpers: false,
    supportsResponseStreaming: true,
  };
  await writeFile(join(func, '.vc-config.json'), JSON.stringify(config));
  await writeFile(join(func, 'index.mjs'), `export default () => '${version}';\n`);
  await writeFile(join(folder, '.vercel/output/config.json'), '{"version":3}');
  return folder;
}

export function record(change: Partial<FunctionRecord> = {}): FunctionRecord {
  return {
    ...REF,
    live: null,
    versions: [],
    next: null,
    bindings: [],
    since: {},
    settings: '',
    ...change,
  };
}

export function note(version: string, deployment: VersionNote['deployment'] = null): VersionNote {
  return {
    version,
    digest: `digest-of-${version}`,
    artifactDigest: 'a',
    config: {
      handles: ['invoke', 'http'],
      memoryMb: 512,
      timeoutSeconds: 30,
      concurrency: 1,
      runtime: 'nodejs24.x',
      regions: ['fra1'],
      hasEnv: false,
      secrets: {},
    },
    deployment,
    createdAt: deployment === null ? null : '2026-11-20T10:00:00.000Z',
  };
}
