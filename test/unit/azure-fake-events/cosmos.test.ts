import { describe, expect, it } from 'vitest';
import { createCosmos } from '../../fakes/azure/cosmos/index.ts';
import { armOf, connection, GROUP, Surroundings } from './world.ts';

const ACCOUNT = `${GROUP}/providers/Microsoft.DocumentDB/databaseAccounts/shop-data`;
const DATABASE = `${ACCOUNT}/sqlDatabases/shop`;
const ROLE = `${ACCOUNT}/sqlRoleAssignments/11111111-2222-4333-8444-555555555555`;
const CONTRIBUTOR = `${ACCOUNT}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002`;
const PRINCIPAL = '99999999-2222-4333-8444-555555555555';
const WISH = {
  location: 'westeurope',
  kind: 'GlobalDocumentDB',
  properties: {
    databaseAccountOfferType: 'Standard',
    locations: [{ locationName: 'westeurope', failoverPriority: 0 }],
    capabilities: [{ name: 'EnableServerless' }],
  },
};
const FAILED = { ok: false, crashed: false, message: 'no' } as const;
const BINDING = {
  type: 'cosmosDBTrigger',
  databaseName: 'shop',
  containerName: 'orders',
  leaseContainerName: 'leases',
  connection: 'DATA',
  maxItemsPerInvocation: 2,
};

function container(id: string, path = '/id', options: object = {}): object {
  const partitionKey = { paths: [path], kind: 'Hash' };
  return { properties: { resource: { id, partitionKey }, options } };
}

async function setUp() {
  const around = new Surroundings();
  const cosmos = createCosmos(around.world());
  const arm = armOf(cosmos.provider, '2024-11-15');
  await arm('PUT', ACCOUNT, WISH);
  await around.advance(200_000);
  await arm('PUT', DATABASE, { properties: { resource: { id: 'shop' } } });
  await around.advance(5000);
  await arm('PUT', `${DATABASE}/containers/orders`, container('orders', '/shop'));
  await arm('PUT', `${DATABASE}/containers/leases`, container('leases'));
  await around.advance(5000);
  const upsert = (id: string, count: number): void =>
    cosmos.upsert('shop-data', 'shop', 'orders', { id, count, shop: 'one' });
  return { around, cosmos, arm, upsert };
}

async function serving(binding: object = {}, retry?: Readonly<Record<string, unknown>>) {
  const made = await setUp();
  const { around, arm } = made;
  const endpoint = 'https://shop-data.documents.azure.com:443/';
  Object.assign(around.settings, connection('DATA', 'accountEndpoint', endpoint));
  const properties = {
    roleDefinitionId: CONTRIBUTOR,
    scope: ACCOUNT,
    principalId: PRINCIPAL,
  };
  around.principalId = PRINCIPAL;
  await arm('PUT', ROLE, { properties });
  await around.advance(30_000);
  await around.serve({ ...BINDING, ...binding }, retry);
  return made;
}

function counts(around: Surroundings): readonly unknown[] {
  return around
    .inputs()
    .map((batch) => (Array.isArray(batch) ? batch.map(({ id, count }) => `${id}${count}`) : batch));
}

describe('accounts', () => {
  it('take minutes, with an operation to follow', async () => {
    const around = new Surroundings();
    const cosmos = createCosmos(around.world());
    const arm = armOf(cosmos.provider, '2024-05-15');
    const made = await arm('PUT', ACCOUNT, WISH);
    expect(made.headers).toHaveProperty('azure-asyncoperation');
    expect(made.properties['provisioningState']).toBe('Creating');
    expect(made.properties).not.toHaveProperty('documentEndpoint');
    expect((await arm('PUT', ACCOUNT, WISH)).code).toBe('PreconditionFailed');
    await around.advance(200_000);
    expect((await arm('GET', ACCOUNT)).properties).toMatchObject({
      provisioningState: 'Succeeded',
      documentEndpoint: 'https://shop-data.documents.azure.com:443/',
    });
  });

  it('are refused by name and by what they lack', async () => {
    const { arm, cosmos } = await setUp();
    const at = (name: string): string => ACCOUNT.replace('shop-data', name);
    cosmos.plant('elsewhere');
    expect((await arm('PUT', at('elsewhere'), WISH)).message).toContain('is already taken');
    for (const name of ['ab', 'Upper', 'a'.repeat(45)]) {
      expect((await arm('PUT', at(name), WISH)).status).toBe(400);
    }
    const { location } = WISH;
    expect((await arm('PUT', at('other'), { location })).message).toContain('OfferType');
    const properties = { databaseAccountOfferType: 'Standard' };
    expect((await arm('PUT', at('other'), { location, properties })).message).toContain('location');
    const paid = { ...WISH, properties: { ...WISH.properties, capabilities: [] } };
    expect((await arm('PUT', ACCOUNT, paid)).message).toContain('EnableServerless');
  });

  it('go with all that is in them', async () => {
    const { around, arm, cosmos } = await setUp();
    expect(cosmos.provider.inventory()).toEqual([
      'cosmos account shop-data',
      'cosmos database shop-data/shop',
      'cosmos container shop-data/shop/orders',
      'cosmos container shop-data/shop/leases',
    ]);
    expect((await arm('DELETE', ACCOUNT)).status).toBe(202);
    await around.advance(200_000);
    expect(cosmos.provider.inventory()).toEqual([]);
  });
});

describe('containers', () => {
  it('are there once they are made', async () => {
    const { around, arm } = await setUp();
    const path = `${DATABASE}/containers/new`;
    const made = await arm('PUT', path, container('new', '/tenant/id'));
    expect(made.status).toBe(202);
    expect((await arm('GET', path)).status).toBe(404);
    await around.advance(5000);
    expect((await arm('GET', path)).properties).toMatchObject({
      resource: { id: 'new', partitionKey: { paths: ['/tenant/id'] } },
    });
  });

  it('tell when they were made, to the second', async () => {
    const { around, arm } = await setUp();
    const before = Math.floor(around.clock.now() / 1000);
    const path = `${DATABASE}/containers/new`;
    await arm('PUT', path, container('new'));
    await around.advance(5000);
    const { properties } = await arm('GET', path);
    const { _ts: made } = Object(properties['resource']);
    expect(made).toBeGreaterThanOrEqual(before);
    expect(made).toBeLessThanOrEqual(before + 5);
    await around.advance(60_000);
    expect((await arm('GET', path)).properties).toMatchObject({ resource: { _ts: made } });
  });

  it('are refused without a good partition key', async () => {
    const { arm } = await setUp();
    const path = `${DATABASE}/containers/new`;
    const missing = await arm('PUT', path, { properties: { resource: { id: 'new' } } });
    expect(missing.message).toContain('partitionKey');
    expect((await arm('PUT', path, container('other'))).message).toContain('does not match');
    expect((await arm('PUT', path, container('new', 'id'))).status).toBe(400);
    const changed = await arm('PUT', `${DATABASE}/containers/orders`, container('orders', '/id'));
    expect(changed.message).toContain('partition key cannot be changed');
    const bought = container('new', '/id', { throughput: 400 });
    expect((await arm('PUT', path, bought)).message).toContain('serverless');
  });
});

describe('roles on data', () => {
  it('are refused for what is not of the account', async () => {
    const { arm } = await setUp();
    const good = { roleDefinitionId: CONTRIBUTOR, scope: ACCOUNT, principalId: PRINCIPAL };
    for (const wrong of [
      { roleDefinitionId: '/subscriptions/x/roleDefinitions/y' },
      { scope: DATABASE },
      { scope: GROUP },
      { principalId: 'me' },
    ]) {
      expect((await arm('PUT', ROLE, { properties: { ...good, ...wrong } })).status).toBe(400);
    }
    const below = { ...good, scope: `${ACCOUNT}/dbs/shop/colls/orders` };
    expect((await arm('PUT', ROLE, { properties: below })).status).toBe(202);
  });
});

describe('the trigger', () => {
  it('delivers what changed with the next read, in order', async () => {
    const { around, cosmos, upsert } = await serving();
    for (const [id, count] of [
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ] as const) {
      upsert(id, count);
    }
    await around.settle();
    expect(cosmos.busy()).toBe(false);
    expect(around.calls).toEqual([]);
    await around.advance(5000);
    expect(counts(around)).toEqual([['a1', 'b1'], ['c1']]);
    expect(around.inputs()[0]).toMatchObject([
      { id: 'a', shop: 'one', _lsn: 1, _ts: expect.any(Number), _etag: expect.any(String) },
      {},
    ]);
  });

  it('shows changes between two reads once, and no deletions', async () => {
    const { around, cosmos, upsert } = await serving();
    upsert('a', 1);
    upsert('b', 1);
    upsert('a', 2);
    cosmos.delete('shop-data', 'shop', 'orders', 'b');
    await around.advance(5000);
    upsert('a', 3);
    await around.advance(5000);
    expect(counts(around)).toEqual([['a2'], ['a3']]);
  });

  it('repeats a batch as its policy says, and holds back those behind it', async () => {
    const retry = { retryStrategy: 'fixedDelay', maxRetryCount: 1, delayInterval: { seconds: 2 } };
    const { around, upsert } = await serving({ maxItemsPerInvocation: 1 }, retry);
    around.outcomes.push(FAILED, FAILED);
    upsert('a', 1);
    upsert('b', 1);
    await around.advance(5000);
    expect(counts(around)).toEqual([['a1']]);
    await around.advance(2000);
    expect(counts(around)).toEqual([['a1'], ['a1'], ['b1']]);
  });

  it('keeps its place over restarts', async () => {
    const { around, upsert } = await serving();
    upsert('a', 1);
    await around.advance(5000);
    upsert('b', 1);
    await around.restart();
    await around.advance(5000);
    expect(counts(around)).toEqual([['a1'], ['b1']]);
  });

  it.each([
    [true, [['a1']]],
    [false, []],
  ])('with startFromBeginning %s', async (startFromBeginning, expected) => {
    const { around, arm, upsert } = await setUp();
    upsert('a', 1);
    around.principalId = 'nobody';
    const endpoint = 'https://shop-data.documents.azure.com:443/';
    Object.assign(around.settings, connection('DATA', 'accountEndpoint', endpoint));
    await around.serve({ ...BINDING, startFromBeginning });
    expect(around.traces.join()).toContain('RBAC permissions');
    around.principalId = PRINCIPAL;
    const properties = { roleDefinitionId: CONTRIBUTOR, scope: ACCOUNT, principalId: PRINCIPAL };
    await arm('PUT', ROLE, { properties });
    await around.advance(30_000);
    await around.restart();
    await around.advance(5000);
    expect(counts(around)).toEqual(expected);
  });

  it('begins behind a time that it is given, as long as it has no lease', async () => {
    const { around, arm, upsert } = await setUp();
    const endpoint = 'https://shop-data.documents.azure.com:443/';
    Object.assign(around.settings, connection('DATA', 'accountEndpoint', endpoint));
    around.principalId = PRINCIPAL;
    upsert('a', 1);
    const time = new Date(around.clock.now()).toISOString();
    await around.advance(1000);
    upsert('b', 1);
    upsert('a', 2);
    around.settings['SINCE'] = time;
    await around.serve({ ...BINDING, startFromTime: '%SINCE%' });
    expect(around.calls).toEqual([]);
    const properties = { roleDefinitionId: CONTRIBUTOR, scope: ACCOUNT, principalId: PRINCIPAL };
    await arm('PUT', ROLE, { properties });
    await around.advance(60_000);
    expect(new Set(counts(around).flat())).toEqual(new Set(['a2', 'b1']));
    around.settings['SINCE'] = '2020-01-01T00:00:00Z';
    upsert('c', 1);
    await around.restart();
    await around.advance(5000);
    expect(new Set(counts(around).flat())).toEqual(new Set(['a2', 'b1', 'c1']));
    expect(counts(around).flat()).toHaveLength(3);
  });

  it.each([
    [{ startFromTime: 'yesterday' }, 'Please use the ISO 8601 format'],
    [
      { startFromTime: '2026-01-01T00:00:00Z', startFromBeginning: true },
      'Only one of StartFromBeginning or StartFromTime',
    ],
  ])('does not start with %o', async (options, said) => {
    const { around } = await serving(options);
    expect(around.traces.join()).toContain(said);
  });

  it('does not make its lease container with an identity', async () => {
    const { around } = await serving({
      leaseContainerName: 'missing',
      createLeaseContainerIfNotExists: true,
    });
    expect(around.traces.join()).toContain('cannot be authorized by AAD token in data plane');
  });
});
