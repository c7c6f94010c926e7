/** Steps over a fake of Google Cloud, done as the engine does them, on a clock that waiting moves. */
import { readFile } from 'node:fs/promises';
import type { ArtifactFile, CallContext, JsonObject, JsonValue, Step } from 'polyfaas/spi';
import { onTestFinished } from 'vitest';
import { createClients } from '../../../providers/gcp/clients/create.ts';
import type { GcpClients, RestRequest } from '../../../providers/gcp/clients/index.ts';
import { createExecutors, type Calls } from '../../../providers/gcp/execute.ts';
import type { SourceManifest } from '../../../providers/gcp/manifest.ts';
import { LABEL } from '../../../providers/gcp/record.ts';
import { createGcpFake, type GcpFake } from '../../fakes/gcp/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const LABELS = {
  [LABEL.app]: 'shop',
  [LABEL.stage]: 'dev',
  [LABEL.function]: 'orders',
};
const MOST_TURNS = 200;
const ARTIFACT = 'a'.repeat(40);

export interface OnFake {
  readonly fake: GcpFake;
  readonly clock: ManualClock;
  readonly gcp: GcpClients;
  /** Does a step to its end. */
  run(kind: string, input: object, deadlineSeconds?: number): Promise<JsonObject>;
  /** The same, as an engine that repeats what broke. */
  persist(kind: string, input: object): Promise<JsonObject>;
  /** Asked by somebody else. */
  ask(request: Omit<RestRequest, 'signal'>): Promise<JsonValue>;
  readonly names: Names;
  /** What `upload-source` finds. */
  readonly files: ArtifactFile[];
  /** Uploads the source, and tells where it is. */
  upload(version: string, code?: string): Promise<JsonObject>;
  /** Uploads the source, and builds it. */
  build(version: string, code?: string): Promise<JsonObject>;
  /** Makes what a function stands on. */
  found(): Promise<void>;
  /** The deployer's calls from now on: `run PATCH /v2/...`. */
  readonly calls: string[];
}

export interface Names {
  readonly parent: string;
  readonly function: string;
  readonly service: string;
  readonly secret: string;
  readonly email: string;
  readonly member: string;
}

export const OK: Calls = {
  verify: () => Promise.resolve('ok'),
  warm: (_ref, instances) => Promise.resolve({ distinctInstances: instances }),
};

export async function onFake(calls: Calls = OK): Promise<OnFake> {
  const clock = new ManualClock(Date.now());
  const recorded: string[] = [];
  const fake = await createGcpFake({
    clock,
    recorder: (plane, method, path) => {
      recorded.push(`${plane} ${method} ${path.split('?')[0]}`);
    },
  });
  const { projectId } = fake;
  const clientsFor = (auth: GcpFake['auth']): GcpClients =>
    createClients({
      projectId,
      projectNumber: fake.projectNumber,
      location: fake.world.location,
      auth,
      endpoints: fake.endpoints,
      certificates: fake.certificates,
      invokerServiceAccount: null,
    });
  const gcp = clientsFor(fake.auth);
  const observer = clientsFor(fake.observer);
  onTestFinished(async () => {
    await Promise.all([gcp.close(), observer.close()]);
    await fake.stop();
  });
  const executors = createExecutors(calls);
  const files: ArtifactFile[] = [];
  const { signal } = new AbortController();

  const turn = async (step: Step, resume: JsonValue | undefined): ReturnType<typeof one> => {
    const call: CallContext = {
      signal,
      clock,
      random: Math.random,
      log: { log() {} },
      warn: () => undefined,
      artifacts: { get: (digest) => Promise.resolve(artifactOf(digest, files)) },
      ...(resume === undefined ? {} : { resume }),
    };
    return one(step, call);
  };
  const one = (step: Step, call: CallContext) => {
    const executor = executors[step.kind];
    if (!executor) throw new Error(`There is no executor for ${step.kind}.`);
    return executor(gcp, step, call);
  };

  const doStep = async (step: Step, isPersistent: boolean): Promise<JsonObject> => {
    let resume: JsonValue | undefined;
    let failures = 0;
    for (let turns = 0; turns < MOST_TURNS; turns += 1) {
      try {
        const result = await turn(step, resume);
        if (result.done) return result.output ?? {};
        resume = result.resume;
        await clock.advance(result.pollAfterMs);
        // What takes time on this machine takes none of the simulated one's.
        await fake.settle();
      } catch (error) {
        failures += 1;
        if (!isPersistent || failures > 3) throw error;
        await clock.advance(1_000);
      }
    }
    throw new Error(`${step.kind} takes too many turns.`);
  };

  const parent = `projects/${projectId}/locations/${fake.world.location}`;
  const email = `orders-abcdefgh@${projectId}.iam.gserviceaccount.com`;
  const names = {
    parent,
    function: `${parent}/functions/shop-dev-orders`,
    service: `${parent}/services/shop-dev-orders`,
    secret: `projects/${projectId}/secrets/polyfaas-shop-dev-orders`,
    email,
    member: `serviceAccount:${email}`,
  };
  const run: OnFake['run'] = (kind, input, deadlineSeconds = 600) =>
    doStep(stepOf(kind, input, deadlineSeconds), false);

  const upload: OnFake['upload'] = async (version, code = '') => {
    files.splice(0, files.length, ...(await sourceOf(version, code)));
    const manifest = manifestOf(version);
    return run('upload-source', { parent, artifactDigest: ARTIFACT, manifest });
  };

  return {
    fake,
    clock,
    gcp,
    run,
    persist: (kind, input) => doStep(stepOf(kind, input, 600), true),
    ask: (request) => observer.rest({ ...request, signal }),
    names,
    files,
    upload,
    build: async (version, code) =>
      run('build-function', functionInput(names, version, await upload(version, code))),
    async found() {
      await run('settings-secret', { secret: names.secret, labels: LABELS, adopt: false });
      await run('service-account', accountInput(fake.projectId, names));
      // Until everybody knows it.
      await clock.advance(10_000);
    },
    calls: recorded,
  };
}

export const OWNER = 'polyfaas shop/dev/orders';

export function accountInput(projectId: string, { email }: Pick<Names, 'email'>): object {
  const accountId = email.slice(0, email.indexOf('@'));
  return { projectId, accountId, email, displayName: 'shop-dev-orders', description: OWNER };
}

/** As planners write it. */
export function functionInput(
  names: Names,
  version: string,
  source: JsonObject,
  more: { readonly adopt?: boolean } = {},
): object {
  return {
    name: names.function,
    build: `build-${version}`,
    adopt: more.adopt ?? false,
    mask: [
      'labels',
      'build_config.runtime',
      'build_config.entry_point',
      'build_config.source',
      'service_config.environment_variables',
      'service_config.secret_environment_variables',
      'service_config.service_account_email',
      'service_config.available_memory',
      'service_config.all_traffic_on_latest_revision',
    ],
    wish: {
      environment: 'GEN_2',
      labels: { ...LABELS, [LABEL.build]: `build-${version}` },
      buildConfig: {
        runtime: 'nodejs24',
        entryPoint: 'polyfaas',
        source: { storageSource: source },
      },
      serviceConfig: {
        availableMemory: '256Mi',
        timeoutSeconds: 60,
        environmentVariables: { PART: version },
        serviceAccountEmail: names.email,
        allTrafficOnLatestRevision: false,
      },
    },
  };
}

export function manifestOf(version: string): SourceManifest {
  return {
    app: 'shop',
    stage: 'dev',
    functionName: 'orders',
    version,
    memoryMb: 256,
    timeoutSeconds: 60,
    region: 'europe-west1',
    projectId: 'p',
    handles: ['invoke'],
    settingsSecret: 'projects/p/secrets/s',
    endpoints: { pubsub: '', secretmanager: '', certificates: '' },
  };
}

function stepOf(kind: string, input: object, deadlineSeconds: number): Step {
  // What planners write is JSON.
  const json: JsonObject = JSON.parse(JSON.stringify(input));
  return { id: kind, phase: 'prepare', kind, title: kind, input: json, locks: [], deadlineSeconds };
}

function artifactOf(digest: string, files: readonly ArtifactFile[]) {
  return {
    form: 'zip',
    digest,
    sizeBytes: 1,
    unpackedBytes: 1,
    entryFile: 'index.mjs',
    handles: ['invoke'],
    signature: 'polyfaas',
    needsProcess: false,
    zip: () => Promise.reject(new Error('Nobody needs it.')),
    files: () => Promise.resolve(files),
  } as const;
}

/** A source that the functions framework runs. */
async function sourceOf(version: string, code: string): Promise<readonly ArtifactFile[]> {
  const framework = await readFile(
    new URL(
      '../../../node_modules/@google-cloud/functions-framework/package.json',
      import.meta.url,
    ),
    'utf8',
  );
  const { version: frameworkVersion }: { version: string } = JSON.parse(framework);
  const file = (path: string, content: string): ArtifactFile => ({
    path,
    mode: 0o644,
    bytes: Buffer.from(content),
  });
  return [
    file(
      'package.json',
      JSON.stringify({
        name: 'orders',
        main: 'main.mjs',
        type: 'module',
        dependencies: { '@google-cloud/functions-framework': frameworkVersion },
      }),
    ),
    file(
      'main.mjs',
      `import { http } from '@google-cloud/functions-framework';
${code}
http('polyfaas', (request, response) => void response.send(${JSON.stringify(version)}));
`,
    ),
  ];
}
