/** What is read of a function: by the vendor's own client and over REST, of a server on this machine. */
import { describe, expect, it } from 'vitest';
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../../../providers/gcp/clients/index.ts';
import { list } from '../../../providers/gcp/list.ts';
import { observe } from '../../../providers/gcp/observe.ts';
import { physicalNameOf, placeOf } from '../../../providers/gcp/place.ts';
import { EMPTY_RECORD, type VersionNote } from '../../../providers/gcp/record.ts';
import { encodeRecord } from '../../../providers/gcp/record-text.ts';
import { clientsOf, NEVER, serve } from '../gcp-clients/server.ts';
import { platformOf } from './spec.ts';

type Answers = Readonly<Record<string, unknown>>;

/** Clients of a server that knows these paths, with their query, and no others. */
async function start(answers: Answers): Promise<{ clients: GcpClients; asked: string[] }> {
  const asked: string[] = [];
  const server = await serve(({ url }) => {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    searchParams.delete('$alt');
    const path = [decodeURIComponent(pathname), ...searchParams.values()].join(' ');
    asked.push(path);
    const body = answers[path];
    if (body !== undefined) return { body };
    return { status: 404, body: { error: { code: 404, status: 'NOT_FOUND', message: 'None.' } } };
  });
  return { clients: clientsOf(server, { settings: { projectId: 'shop-project' } }), asked };
}

const call: CallContext = {
  signal: NEVER,
  clock: { now: () => 1000, sleep: () => Promise.resolve(), after: () => () => undefined },
  random: () => 0,
  log: { log: () => undefined },
  warn: () => undefined,
  artifacts: { get: () => Promise.reject(new Error('no artifact is needed')) },
};

const ref = { app: 'shop', stage: 'dev', name: 'orders' };
const place = placeOf(ref, { projectId: 'shop-project', location: 'europe-west3' }, platformOf());
const FUNCTION = `/v2/${place.functionName}`;
const SECRET = `/v1/${place.settingsSecret}`;
const SERVICE = `/v2/${place.serviceName}`;
const LABELS = {
  'polyfaas-app': 'shop',
  'polyfaas-stage': 'dev',
  'polyfaas-function': 'orders',
  'polyfaas-location': 'europe-west3',
};

const note: VersionNote = {
  version: '0123456789',
  digest: '0123456789'.repeat(4),
  artifactDigest: 'a'.repeat(40),
  handles: ['invoke'],
  hasShim: true,
  memoryMb: 256,
  timeoutSeconds: 30,
  serviceAccount: place.ownServiceAccount,
  revision: 'shop-dev-orders-00001-abc',
  createdAt: '2026-11-21T10:00:00.000Z',
};
const record = {
  ...EMPTY_RECORD,
  live: note.version,
  versions: [{ ...note, version: '9876543210', createdAt: null }, note],
};

const aFunction = (changes: object = {}): unknown => ({
  name: place.functionName,
  environment: 'GEN_2',
  state: 'ACTIVE',
  updateTime: '2026-11-21T10:00:00.123456Z',
  labels: LABELS,
  serviceConfig: {
    service: place.serviceName,
    uri: 'https://shop-dev-orders-abc.a.run.app',
    serviceAccountEmail: place.ownServiceAccount,
  },
  ...changes,
});
const aSecret = (changes: object = {}): unknown => ({
  name: 'projects/123456789012/secrets/polyfaas-shop-dev-orders',
  etag: '"1"',
  labels: LABELS,
  annotations: { 'polyfaas-record': encodeRecord(record) },
  ...changes,
});

async function look(
  answers: Answers,
  options: { readonly full?: boolean; readonly leftovers?: boolean } = {},
) {
  const { clients, asked } = await start(answers);
  const observed = await observe(clients, { place, call: call, options });
  return { observed, asked };
}

describe('a reading', () => {
  it('takes two calls', async () => {
    const { observed, asked } = await look({ [FUNCTION]: aFunction(), [SECRET]: aSecret() });
    expect(asked.toSorted()).toStrictEqual([SECRET, FUNCTION].toSorted());
    expect(observed).toMatchObject({
      isStranger: false,
      isOwned: true,
      function: {
        state: 'ACTIVE',
        environment: 'GEN_2',
        service: place.serviceName,
        url: 'https://shop-dev-orders-abc.a.run.app',
        serviceAccount: place.ownServiceAccount,
        updateTime: '2026-11-21T10:00:00.123Z',
      },
      secret: { etag: '"1"', isOwn: true, location: 'europe-west3' },
      service: null,
      record: { live: note.version },
      description: {
        ...ref,
        provider: 'gcp',
        region: 'europe-west3',
        physicalName: 'shop-dev-orders',
        liveVersion: note.version,
        versions: [{ version: note.version, digest: note.digest, timeoutSeconds: 30 }],
        url: null,
      },
    });
  });

  it('finds nothing where nothing is', async () => {
    const { observed, asked } = await look({});
    // The third looks whether it is deployed under another name.
    expect(asked).toHaveLength(3);
    expect(observed).toMatchObject({
      token: 'absent',
      description: undefined,
      function: null,
      secret: null,
    });
  });

  it('has another token when one of the two has changed', async () => {
    const tokens = await Promise.all(
      [
        { [FUNCTION]: aFunction(), [SECRET]: aSecret() },
        { [FUNCTION]: aFunction(), [SECRET]: aSecret({ etag: '"2"' }) },
        {
          [FUNCTION]: aFunction({ updateTime: '2026-11-21T10:00:01.123456Z' }),
          [SECRET]: aSecret(),
        },
        { [FUNCTION]: aFunction({ state: 'DEPLOYING' }), [SECRET]: aSecret() },
        { [SECRET]: aSecret() },
      ].map(async (answers) => (await look(answers)).observed.token),
    );
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it.each([
    ['function', { [FUNCTION]: aFunction({ labels: { team: 'x' } }) }],
    ['secret', { [FUNCTION]: aFunction(), [SECRET]: aSecret({ labels: {} }) }],
    [
      'function of another stage',
      { [FUNCTION]: aFunction({ labels: { ...LABELS, 'polyfaas-stage': 'x' } }) },
    ],
  ])('describes no %s of somebody else', async (_, answers) => {
    const { observed } = await look(answers, { full: true });
    expect(observed).toMatchObject({ isStranger: true, description: undefined, service: null });
  });

  it('describes none that is in another region', async () => {
    const labels = { ...LABELS, 'polyfaas-location': 'us-central1' };
    const { observed } = await look({ [SECRET]: aSecret({ labels }) });
    expect(observed).toMatchObject({ isStranger: false, description: undefined });
  });

  it('knows of no version that is live while the function is gone, or goes', async () => {
    for (const answers of [
      { [SECRET]: aSecret() },
      { [SECRET]: aSecret(), [FUNCTION]: aFunction({ state: 'DELETING' }) },
      { [SECRET]: aSecret(), [FUNCTION]: aFunction({ serviceConfig: {} }) },
    ]) {
      expect((await look(answers)).observed.description).toMatchObject({
        liveVersion: null,
        versions: [],
      });
    }
  });

  it('of everything tells traffic, scale and access too', async () => {
    const { observed } = await look(
      {
        [FUNCTION]: aFunction(),
        [SECRET]: aSecret(),
        [SERVICE]: {
          etag: 'e',
          ingress: 'INGRESS_TRAFFIC_ALL',
          scaling: { minInstanceCount: 2 },
          latestReadyRevision: `${place.serviceName}/revisions/r-2`,
          traffic: [
            { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: 'r-1', tag: 'v1' },
            { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: 'r-1', percent: 100 },
          ],
          // The last change failed: what serves is in the statuses.
          terminalCondition: { state: 'CONDITION_FAILED' },
          trafficStatuses: [
            { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: 'r-1', tag: 'v1' },
            { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST', percent: 100 },
          ],
        },
        [`${SERVICE}/revisions`]: {
          revisions: [
            { name: `${place.serviceName}/revisions/r-2` },
            { name: `${place.serviceName}/revisions/r-0`, deleteTime: '2026-11-21T10:00:00Z' },
          ],
        },
        [`${SERVICE}:getIamPolicy`]: {
          bindings: [{ role: 'roles/run.invoker', members: ['allUsers'] }],
        },
      },
      { full: true },
    );
    expect(observed.service).toStrictEqual({
      etag: 'e',
      ingress: 'INGRESS_TRAFFIC_ALL',
      minInstances: 2,
      traffic: [
        { revision: 'r-1', percent: 0, tag: 'v1' },
        { revision: 'r-2', percent: 100, tag: null },
      ],
      isAsWished: false,
      revisions: ['r-2'],
      isPublic: true,
      callers: ['allUsers'],
    });
  });

  it('for a removal finds what a function that is gone has left', async () => {
    const account = `/v1/projects/shop-project/serviceAccounts/${place.ownServiceAccount}`;
    const { observed } = await look(
      {
        [account]: { description: 'polyfaas shop/dev/orders' },
        [`/v1/${place.asyncTopic}`]: { labels: LABELS },
      },
      { leftovers: true },
    );
    expect(observed.leftovers).toStrictEqual(['serviceAccount', 'asyncTopic']);
    const theirs = await look({ [account]: { description: 'mine' } }, { leftovers: true });
    expect(theirs.observed.leftovers).toStrictEqual([]);
  });
});

describe('a list', () => {
  it('goes on to the last page, and names only what is of the app, the stage and the region', async () => {
    const secret = (name: string, changes: object = {}): unknown =>
      aSecret({ name: `projects/1/secrets/polyfaas-${name}`, ...changes });
    const filter = 'labels.polyfaas-app=shop AND labels.polyfaas-stage=dev';
    const secrets = '/v1/projects/shop-project/secrets';
    const upper = physicalNameOf({ ...ref, name: 'Orders' }, {});
    const { clients } = await start({
      [`${secrets} ${filter} 250`]: {
        secrets: [
          secret('shop-dev-orders'),
          secret('copied', { annotations: {} }),
          secret('other-id'),
          secret('shop-dev-orders', { labels: { ...LABELS, 'polyfaas-location': 'x' } }),
          secret('shop-dev-orders', { labels: { ...LABELS, 'polyfaas-app': 'x' } }),
        ],
        nextPageToken: 'more',
      },
      [`${secrets} ${filter} 250 more`]: {
        secrets: [
          secret('shop-dev-bare', {
            labels: { ...LABELS, 'polyfaas-function': 'bare' },
            annotations: {},
          }),
          secret(upper, {
            annotations: { 'polyfaas-record': encodeRecord({ ...record, name: 'Orders' }) },
          }),
        ],
      },
    });
    const found = [];
    const options = {
      location: 'europe-west3',
      nameOf: (name: string) => physicalNameOf({ ...ref, name }, {}),
    };
    for await (const one of list(clients, ref, options, call)) found.push(one);
    expect(found).toStrictEqual([
      { name: 'orders', physicalName: 'shop-dev-orders', liveVersion: note.version },
      { name: 'orders', physicalName: 'other-id', liveVersion: note.version },
      { name: 'bare', physicalName: 'shop-dev-bare', liveVersion: null },
      { name: 'Orders', physicalName: upper, liveVersion: note.version },
    ]);
  });
});
