/**
 * What Google Cloud, or what there is on it, does not allow, and how it is refused: the right code; a message that names
 * the field or the resource, the value, and the next step; nothing written where it could be known before; and never a
 * credential.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { GoogleAuth } from 'google-auth-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secret, type EventSpec, type FunctionSpec } from 'polyfaas';
import { functionId } from '../../providers/gcp/names.ts';
import type { GcpOptions } from '../../providers/gcp/options.ts';
import { keepEnvironment } from '../support/environment.ts';
import { signedIn } from './support/signed-in.ts';
import { EVENTS_SOURCE, refusals, SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertRefusal, assertEarly, deploying, withOptions, withEvent } = refusals(() => stage);

const plain: FunctionSpec = { source: SOURCE };
const idOf = (app: string): string => functionId({ app, stage: 'dev', name: 'main' });
const withGcp = (gcp: GcpOptions) => deploying(plain, { config: { providerOptions: { gcp } } });

/** Credentials of a service account that has these roles on the project, and no other. */
function authWith(...roles: readonly string[]): GoogleAuth {
  const { identity, policies, projectId } = stage.fake.world;
  const name = roles.join('-').replaceAll(/[^a-z]+/gi, '-');
  const email = `with-${name}@${projectId}.iam.gserviceaccount.com`;
  for (const role of roles) {
    policies.grantAtOnce(`projects/${projectId}`, role, `serviceAccount:${email}`);
  }
  return identity.authOf({ kind: 'account', email });
}

describe('where and who', () => {
  it('an address where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    server.close();
    await once(server, 'close');
    const nowhere = `http://127.0.0.1:${port}`;
    const config = {
      limits: { maxAttempts: 1 },
      providerOptions: { gcp: { endpoints: { ...stage.fake.endpoints, functions: nowhere } } },
    };
    await assertEarly(
      { code: 'UNAVAILABLE', says: [/providerOptions\.gcp\.endpoints/] },
      deploying(plain, { config }),
    );
  });

  it('no project', async () => {
    const restore = keepEnvironment();
    for (const name of ['GOOGLE_CLOUD_PROJECT', 'GCLOUD_PROJECT']) delete process.env[name];
    try {
      const auth = new GoogleAuth({ authClient: signedIn('ya29.somebody') });
      auth.getProjectId = async () => {
        throw new Error('Unable to detect a Project Id in the current environment.');
      };
      await assertEarly(
        { code: 'INVALID_ARGUMENT', says: [/projectId/, /GOOGLE_CLOUD_PROJECT/] },
        withGcp({ auth, projectId: undefined }),
      );
    } finally {
      restore();
    }
  });

  it('a project that is somebody else’s', async () => {
    await assertEarly(
      { code: 'PERMISSION_DENIED', says: [/not-my-project/, /Google/] },
      withGcp({ projectId: 'not-my-project' }),
    );
  });

  it('no credentials', async () => {
    const auth = new GoogleAuth({ projectId: stage.fake.projectId });
    auth.getClient = async () => {
      throw new Error(
        'Could not load the default credentials. Browse to https://cloud.google.com/docs/authentication/getting-started for more information.',
      );
    };
    await assertEarly(
      {
        code: 'UNAUTHENTICATED',
        says: [/no Google credentials/, /gcloud auth application-default login/, /gcp\.auth/],
      },
      withGcp({ auth }),
    );
  });

  it('a token that Google does not know', async () => {
    const auth = new GoogleAuth({ authClient: signedIn('ya29.long-gone-and-forgotten') });
    await assertEarly(
      { code: 'UNAUTHENTICATED', says: [/gcloud auth application-default login/, /gcp\.auth/] },
      withGcp({ auth }),
    );
  });

  it('credentials that cannot have ID tokens: told at the first call, and at a deploy', async () => {
    const { identity } = stage.fake.world;
    const auth = new GoogleAuth({ authClient: signedIn(identity.accessToken(identity.deployer)) });
    const says = [
      /cannot have ID tokens/,
      /providerOptions\.gcp\.invokerServiceAccount/,
      /roles\/iam\.serviceAccountTokenCreator/,
    ];
    await assertRefusal({ code: 'UNAUTHENTICATED', says }, withGcp({ auth }));
    const app = 'tokenless';
    await deploying(plain, { config: { app } })();
    const manager = await stage.manager({
      app,
      functions: { main: plain },
      providerOptions: { gcp: { auth } },
    });
    await assertRefusal({ code: 'UNAUTHENTICATED', says }, () => manager.invoke('main'));
  });

  it('a deployer without any role', async () => {
    await assertEarly(
      {
        code: 'PERMISSION_DENIED',
        says: [
          /lack the permission \w+\.\w+\.\w+/,
          /Give them roles\/\w+/,
          /gcloud projects add-iam/,
        ],
      },
      withGcp({ auth: authWith() }),
    );
  });

  it('a deployer without one of the roles', async () => {
    const auth = authWith(
      'roles/browser',
      'roles/cloudfunctions.developer',
      'roles/secretmanager.admin',
      'roles/pubsub.admin',
    );
    await assertRefusal(
      { code: 'PERMISSION_DENIED', says: [/iam\.serviceAccounts\.\w+/, /roles\/iam\.\w+/] },
      withGcp({ auth }),
    );
  });

  it.each(['moon-north1', 'europe west', 'eu-nowhere'])('the region %s', async (region) => {
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/region/, new RegExp(region)] },
      deploying(plain, { config: { region } }),
    );
  });

  it('no region', async () => {
    const restore = keepEnvironment();
    for (const name of ['GOOGLE_CLOUD_REGION', 'CLOUDSDK_FUNCTIONS_REGION']) {
      delete process.env[name];
    }
    delete process.env['CLOUDSDK_COMPUTE_REGION'];
    try {
      await assertEarly(
        { code: 'INVALID_ARGUMENT', says: [/region/, /"eu-central"/, /GOOGLE_CLOUD_REGION/] },
        deploying(plain, { config: { region: undefined } }),
      );
    } finally {
      restore();
    }
  });

  it('another region than the one it is in', async () => {
    const config = { app: 'moving' };
    await deploying(plain, { config })();
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/region/, /europe-west1/, /europe-west3/, /emove it/] },
      deploying(plain, { config: { ...config, region: 'europe-west3' } }),
    );
  });
});

describe('what the project has', () => {
  it.each([
    'cloudfunctions.googleapis.com',
    'secretmanager.googleapis.com',
    'run.googleapis.com',
    'pubsub.googleapis.com',
    'iam.googleapis.com',
  ])('the API %s switched off; switched on, the same deploy goes on', async (service) => {
    const config = { app: `off-${service.slice(0, 3)}` };
    const { disabledApis, projectNumber } = stage.fake.world;
    disabledApis.add(service);
    try {
      await assertRefusal(
        {
          code: 'PERMISSION_DENIED',
          says: [
            /switched off/,
            new RegExp(`gcloud services enable ${service} --project ${projectNumber}`),
          ],
        },
        deploying(plain, { config }),
      );
    } finally {
      disabledApis.delete(service);
    }
    await deploying(plain, { config })();
    const manager = await stage.manager({ ...config, functions: { main: plain } });
    expect((await manager.invoke('main')).output).toBe(1);
    await manager.remove('main');
    expect(stage.fake.inventory().filter((line) => line.includes(config.app))).toEqual([]);
  });

  it('no room for one function more', async () => {
    const { exhausted } = stage.fake.world;
    exhausted.add('cloudfunctions.googleapis.com/function_count');
    try {
      await assertRefusal(
        { code: 'QUOTA_EXCEEDED', says: [/quota/i, /remove what is not needed/, /function_count/] },
        deploying(plain),
      );
    } finally {
      exhausted.clear();
    }
  });

  it('an organization that lets nobody in from outside', async () => {
    const { policies } = stage.fake.world;
    const events: readonly EventSpec[] = [{ type: 'http', path: '/orders' }];
    const spec = { source: EVENTS_SOURCE, events };
    policies.forbidsPublic = true;
    try {
      await assertRefusal(
        {
          code: 'PERMISSION_DENIED',
          says: [/organization/, /allUsers/, /httpAccess.*"private"/, /allowedPolicyMemberDomains/],
        },
        deploying(spec, { config: { app: 'closed' } }),
      );
      const gcp = { httpAccess: 'private' } as const;
      await deploying({ ...spec, providerOptions: { gcp } }, { config: { app: 'closed' } })();
    } finally {
      policies.forbidsPublic = false;
    }
  });
});

describe('names', () => {
  it('a function of somebody else’s', async () => {
    const stranger = await stage.fake.stranger(idOf('taken'));
    await assertEarly(
      { code: 'ALREADY_EXISTS', says: [new RegExp(`"${idOf('taken')}"`), /adopt: true/] },
      deploying(plain, { config: { app: 'taken' } }),
    );
    expect(await stranger.untouched()).toBe(true);
  });

  it('a secret of somebody else’s', async () => {
    const { world, projectId } = stage.fake;
    const name = `projects/${projectId}/secrets/polyfaas-${idOf('kept')}`;
    world.secrets.set(name, 'theirs');
    await assertEarly(
      { code: 'ALREADY_EXISTS', says: [/kept/, /adopt: true|functionIds/] },
      deploying(plain, { config: { app: 'kept' } }),
    );
    expect(world.secrets.access(name, 'latest', world.identity.observer)).toEqual({
      value: Buffer.from('theirs'),
    });
  });

  it('one id for two functions', async () => {
    const functionIds = { main: 'shop-mine', other: 'shop-mine' };
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/providerOptions\.gcp\.functionIds/, /two functions/] },
      withGcp({ functionIds }),
    );
  });
});

describe('what the declaration names', () => {
  it('a service account that does not exist', async () => {
    const { projectId } = stage.fake;
    const serviceAccount = `nobody@${projectId}.iam.gserviceaccount.com`;
    await assertRefusal(
      {
        code: 'INVALID_ARGUMENT',
        says: [
          /providerOptions\.gcp\.serviceAccount: there is no service account "nobody@/,
          /gcloud iam service-accounts create nobody/,
        ],
      },
      withOptions({ serviceAccount }),
    );
  });

  it('a secret that is not there, and the version before is served on', async () => {
    const { world, projectId } = stage.fake;
    world.secrets.set(`projects/${projectId}/secrets/there`, 'value');
    const config = { app: 'secretive' };
    const there = { ...plain, env: { DB: secret('there') } };
    await deploying(there, { config })();
    await assertRefusal(
      {
        code: 'NOT_FOUND',
        says: [/env/, /"orders-absent"/, /gcloud secrets create orders-absent/],
      },
      deploying({ ...there, env: { DB: secret('orders/absent') } }, { config }),
    );
    const manager = await stage.manager({ ...config, functions: { main: there } });
    expect((await manager.invoke('main')).output).toBe(1);
    await manager.deploy('main');
    expect((await manager.deploy('main')).changed).toBe(false);
  });

  it('a version of a secret that is not there', async () => {
    const { world, projectId } = stage.fake;
    world.secrets.set(`projects/${projectId}/secrets/single`, 'value');
    await assertRefusal(
      {
        code: 'INVALID_ARGUMENT',
        says: [/"single"/, /version "7"/, /gcloud secrets versions add/],
      },
      deploying({ ...plain, env: { DB: secret('single', { version: '7' }) } }),
    );
  });

  it.each<readonly [EventSpec, readonly RegExp[]]>([
    [
      { type: 'queue', queue: 'absent' },
      [/events\..*\.queue: .*\/topics\/absent/, /create: true/, /gcloud pubsub topics create/],
    ],
    [
      { type: 'topic', topic: 'absent' },
      [/events\..*\.topic: .*\/topics\/absent/, /create: true/, /gcloud pubsub topics create/],
    ],
    [
      { type: 'bus', bus: 'absent' },
      [/events\..*\.bus: .*\/topics\/absent/, /create: true/, /gcloud pubsub topics create/],
    ],
    [
      { type: 'object', bucket: 'absent-bucket' },
      [/events\..*\.bucket: .*"absent-bucket"/, /create: true/, /gcloud storage buckets create/],
    ],
    [
      { type: 'topic', topic: 'projects/polyfaas-fake/topics/absent' },
      [/\.topic: .*projects\/polyfaas-fake\/topics\/absent/, /correct its name/],
    ],
  ])('a source that is not there: %o', async (event, says) => {
    await assertEarly({ code: 'NOT_FOUND', says }, withEvent(event));
  });

  it('a database that is not there', async () => {
    await assertEarly(
      {
        code: 'NOT_FOUND',
        says: [/\.table: .*"absent"/, /firestoreDatabase/, /gcloud firestore databases create/],
      },
      deploying(
        { source: EVENTS_SOURCE, events: [{ type: 'table', table: 'orders' }] },
        { config: { providerOptions: { gcp: { firestoreDatabase: 'absent' } } } },
      ),
    );
  });

  it('a queue that another function reads', async () => {
    const event: EventSpec = { type: 'queue', queue: 'crowded', create: true };
    const spec = { source: EVENTS_SOURCE, events: [event] };
    await deploying(spec, { config: { app: 'first' } })();
    await assertEarly(
      {
        code: 'INVALID_ARGUMENT',
        says: [/\.queue: .*"crowded"/, /app "first"/, /one consumer/, /"topic"/],
      },
      deploying(spec, { config: { app: 'second' } }),
    );
  });

  it('a dead-letter topic where nothing would be kept', async () => {
    const { world, projectId } = stage.fake;
    world.pubsub.createTopic(`projects/${projectId}/topics/leaky`);
    world.pubsub.createTopic(`projects/${projectId}/topics/orders`);
    await assertEarly(
      {
        code: 'INVALID_ARGUMENT',
        says: [/deadLetter/, /leaky/, /gcloud pubsub subscriptions create leaky/],
      },
      withEvent({ type: 'queue', queue: 'orders', deadLetter: 'leaky' }),
    );
  });
});
