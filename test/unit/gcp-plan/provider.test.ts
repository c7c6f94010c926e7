import { describe, expect, it, onTestFinished } from 'vitest';
import type { CallContext, ProviderParts } from 'polyfaas/spi';
import { createExecutors } from '../../../providers/gcp/execute.ts';
import { createGcpProvider, GCP } from '../../../providers/gcp/index.ts';
import { STEP } from '../../../providers/gcp/steps.ts';
import { gcpWorld } from '../../plan/gcp-world.ts';
import { keepEnvironment } from '../../support/environment.ts';
import { serve, authOf, NEVER, tokenClient } from '../gcp-clients/server.ts';

const clock: CallContext['clock'] = {
  now: () => Date.now(),
  sleep: () => Promise.resolve(),
  after: () => () => undefined,
};
const log: CallContext['log'] = { log: () => undefined };
const call: CallContext = {
  signal: NEVER,
  clock,
  log,
  random: () => 0,
  warn: () => undefined,
  artifacts: { get: () => Promise.reject(new Error('no artifact is needed')) },
};

function partsOf(region: string | undefined, gcp: object = {}): ProviderParts {
  return {
    app: 'shop',
    stage: 'dev',
    region,
    root: '/',
    providerOptions: { gcp },
    clock,
    random: () => 0,
    log,
  };
}

const REGION_VARIABLES = [
  'GOOGLE_CLOUD_REGION',
  'CLOUDSDK_FUNCTIONS_REGION',
  'CLOUDSDK_COMPUTE_REGION',
];

const step = (kind: string) => ({
  id: 'one',
  phase: 'bind' as const,
  kind,
  title: 'One',
  input: {},
  locks: [],
  deadlineSeconds: 60,
});

describe('the provider', () => {
  it('sends nothing when it is made, and can be closed twice', async () => {
    const server = await serve(() => ({ body: {} }));
    const provider = createGcpProvider(
      partsOf('eu-central', { auth: authOf(tokenClient('t')), endpoints: { run: server.url } }),
    );
    expect(provider).toMatchObject({ specVersion: 1, id: 'gcp' });
    expect(provider.native(GCP.clients)).toMatchObject({ location: 'europe-west3' });
    expect(provider.native(GCP.functions)).toBeTypeOf('function');
    await provider.close();
    await provider.close();
    expect(server.seen).toStrictEqual([]);
  });

  it('says who and where it is, asking nobody', async () => {
    const options = { projectId: 'shop-123456' };
    const provider = createGcpProvider(
      partsOf('eu-central', { ...options, projectNumber: '987654' }),
    );
    const identity = {
      account: 'shop-123456',
      region: 'europe-west3',
      details: { projectNumber: '987654' },
    };
    expect(await provider.identify(call)).toStrictEqual(identity);
    await provider.close();
    const { details: _, ...plain } = identity;
    const other = createGcpProvider(partsOf('eu-central', options));
    expect(await other.identify(call)).toStrictEqual(plain);
    await other.close();
  });

  it('asks for a region when one is needed, and not before', async () => {
    onTestFinished(keepEnvironment());
    for (const name of REGION_VARIABLES) delete process.env[name];
    const provider = createGcpProvider(partsOf(undefined, { projectId: 'shop-123456' }));
    const refusal = { code: 'INVALID_ARGUMENT', message: expect.stringMatching(/^region: /) };
    const ref = { app: 'shop', stage: 'dev', name: 'orders' };
    await expect(provider.identify(call)).rejects.toMatchObject(refusal);
    await expect(provider.observe(ref, call)).rejects.toMatchObject(refusal);
    await provider.close();
  });

  it('refuses a step that it does not know', async () => {
    const provider = createGcpProvider(partsOf('eu-central', { projectId: 'shop-123456' }));
    const unknown = { code: 'INVALID_ARGUMENT', message: expect.stringContaining('"no-step"') };
    await expect(provider.execute(step('no-step'), call)).rejects.toMatchObject(unknown);
    await provider.close();
  });

  it('can do every step that its planners write', () => {
    const executors = createExecutors({
      verify: () => Promise.resolve('ok'),
      warm: () => Promise.resolve({ distinctInstances: 1 }),
    });
    const world = gcpWorld();
    const plans = [
      world.apply(
        world.deploy({
          code: 'a',
          events: [
            { type: 'queue', queue: 'orders', create: true, deadLetter: 'orders-dead' },
            { type: 'object', bucket: 'shop-pictures', create: true },
            { type: 'table', table: 'rows' },
            { type: 'schedule', every: '5 minutes' },
          ],
          minInstances: 1,
          env: { DB: { $secret: 'db' } },
          gcp: { buildServiceAccount: 'builds@shop-project.iam.gserviceaccount.com' },
        }),
      ),
      // Its labels go, and come back with the version that is kept.
      world.apply(world.deploy({ code: 'b', tags: { team: 'x' } })),
      world.apply(world.deploy({ code: 'c', gcp: { ingress: 'ALLOW_INTERNAL_ONLY' } })),
      world.apply(world.deploy({ code: 'b', tags: { team: 'x' } })),
      world.apply(world.deploy({ code: 'd', keepVersions: 1 })),
      world.preWarm(1),
      world.remove(),
    ];
    const kinds = plans.flatMap(({ steps }) => steps.map(({ kind }) => kind));
    expect(kinds.filter((kind) => executors[kind] === undefined)).toStrictEqual([]);
    expect(kinds).toEqual(expect.arrayContaining(Object.values(STEP)));
  });
});
