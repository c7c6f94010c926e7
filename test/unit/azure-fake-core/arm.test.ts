import { describe, expect, it } from 'vitest';
import { GROUP, raw, refusal, SUBSCRIPTION, useSubject } from './support.ts';

const subject = useSubject();
const V = 'api-version=2025-04-01';
const LOCATION = { location: 'westeurope' };
const THING = `${GROUP}/providers/Test.Things/things/one`;

const call = (method: string, path: string, body?: object): ReturnType<typeof raw> =>
  subject().call(method, path, body);
const makeGroup = (): Promise<unknown> => call('PUT', `${GROUP}?${V}`, LOCATION);

async function makeThing(path = THING): Promise<void> {
  await makeGroup();
  await call('PUT', `${path}?${V}`, LOCATION);
  await subject().clock.advance(1000);
}

describe('every call', () => {
  it('needs a token', async () => {
    const bare = await fetch(`${subject().endpoint}${GROUP}?${V}`);
    expect(bare.status).toBe(401);
    expect(bare.headers.get('www-authenticate')).toContain('Bearer');
    expect(await bare.json()).toMatchObject({ error: { code: 'AuthenticationFailed' } });
    const { identity, endpoint } = subject();
    const token = identity.issue(identity.deployer, 'https://vault.azure.net');
    const other = await fetch(`${endpoint}${GROUP}?${V}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(other.status).toBe(401);
    expect(await other.json()).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } });
  });

  it('needs a version of the API that there is', async () => {
    expect(refusal(await call('GET', GROUP))).toEqual([400, 'MissingApiVersionParameter']);
    expect(refusal(await call('GET', `${GROUP}?api-version=new`))).toEqual([
      400,
      'InvalidApiVersionParameter',
    ]);
    expect(refusal(await call('GET', `${GROUP}?api-version=1999-01-01`))).toEqual([
      400,
      'NoRegisteredProviderFound',
    ]);
  });

  it('needs the subscription, and a namespace and type that there are', async () => {
    const other = '/subscriptions/00000000-0000-0000-0000-000000000009/resourcegroups/x';
    expect(refusal(await call('GET', `${other}?${V}`))).toEqual([404, 'SubscriptionNotFound']);
    expect(refusal(await call('GET', `/subscriptions/me/resourcegroups/x?${V}`))).toEqual([
      400,
      'InvalidSubscriptionId',
    ]);
    expect(refusal(await call('GET', `//subscriptions/${SUBSCRIPTION}?${V}`))).toEqual([
      404,
      'MissingSubscription',
    ]);
    await makeGroup();
    expect(refusal(await call('GET', `${GROUP}/providers/No.Such/things/x?${V}`))).toEqual([
      404,
      'InvalidResourceNamespace',
    ]);
    expect(refusal(await call('GET', `${GROUP}/providers/Test.Things/stuff/x?${V}`))).toEqual([
      404,
      'InvalidResourceType',
    ]);
  });

  it('is refused a body that is no JSON', async () => {
    const { identity, endpoint } = subject();
    const authorization = `Bearer ${identity.issue(identity.deployer, 'https://management.azure.com')}`;
    const put = (body: string, type: string): Promise<Response> =>
      fetch(`${endpoint}${GROUP}?${V}`, {
        method: 'PUT',
        headers: { authorization, 'content-type': type },
        body,
      });
    expect((await put('{', 'application/json')).status).toBe(400);
    expect((await put('{}', 'text/plain')).status).toBe(415);
    expect((await put('', 'application/json')).status).toBe(400);
  });
});

describe('a resource group', () => {
  it('is made, read, changed and listed, whatever the case of its path', async () => {
    expect(refusal(await call('GET', `${GROUP}?${V}`))).toEqual([404, 'ResourceGroupNotFound']);
    expect((await call('HEAD', `${GROUP}?${V}`)).status).toBe(404);
    expect(refusal(await call('PUT', `${GROUP}?${V}`, {}))).toEqual([400, 'LocationRequired']);
    const made = await call('PUT', `${GROUP}?${V}`, { ...LOCATION, tags: { app: 'shop' } });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      id: GROUP,
      location: 'westeurope',
      tags: { app: 'shop' },
      properties: { provisioningState: 'Succeeded' },
    });
    const shouted = await call('GET', `${GROUP.toUpperCase()}?${V}`);
    expect(shouted.body).toMatchObject({ id: GROUP });
    expect((await call('HEAD', `${GROUP}?${V}`)).status).toBe(204);
    expect((await call('PUT', `${GROUP}?${V}`, LOCATION)).body).toMatchObject({ tags: {} });
    expect(refusal(await call('PUT', `${GROUP}?${V}`, { location: 'eastus' }))).toEqual([
      409,
      'InvalidResourceGroupLocation',
    ]);
    await call('PATCH', `${GROUP}?${V}`, { tags: { app: 'other' } });
    const list = `/subscriptions/${SUBSCRIPTION}/resourcegroups?${V}`;
    const named = await call('GET', `${list}&$filter=${encodeURIComponent("tagName eq 'app'")}`);
    expect(named.body).toMatchObject({ value: [{ name: 'shop', tags: { app: 'other' } }] });
    const filter = encodeURIComponent("tagName eq 'app' and tagValue eq 'shop'");
    expect((await call('GET', `${list}&$filter=${filter}`)).body).toEqual({ value: [] });
  });

  it('takes what is in it along when it goes, which takes time', async () => {
    await makeThing();
    const gone = await call('DELETE', `${GROUP}?${V}`);
    expect(gone.status).toBe(202);
    expect(gone.headers['azure-asyncoperation']).toBeUndefined();
    const { location = '' } = gone.headers;
    expect((await call('DELETE', `${GROUP}?${V}`)).headers['location']).toBe(location);
    expect((await raw(subject().sdk(), 'GET', location)).status).toBe(202);
    expect(refusal(await makeAgain())).toEqual([409, 'ResourceGroupBeingDeleted']);
    expect(refusal(await call('PUT', `${THING}?${V}`, LOCATION))).toEqual([
      409,
      'ResourceGroupBeingDeleted',
    ]);
    expect((await call('GET', `${THING}?${V}`)).status).toBe(200);
    await subject().clock.advance(10_000);
    expect((await raw(subject().sdk(), 'GET', location)).status).toBe(200);
    expect(refusal(await call('GET', `${THING}?${V}`))).toEqual([404, 'ResourceGroupNotFound']);
    expect(subject().things.all.size).toBe(0);
    expect(refusal(await call('DELETE', `${GROUP}?${V}`))).toEqual([404, 'ResourceGroupNotFound']);
  });

  const makeAgain = (): ReturnType<typeof raw> => call('PUT', `${GROUP}?${V}`, LOCATION);

  it('must be there for what is put into it', async () => {
    expect(refusal(await call('PUT', `${THING}?${V}`, LOCATION))).toEqual([
      404,
      'ResourceGroupNotFound',
    ]);
  });
});

describe('a long-running operation', () => {
  it('can be followed until it has succeeded', async () => {
    await makeGroup();
    const begun = await call('PUT', `${THING}?${V}`, LOCATION);
    expect(begun.status).toBe(202);
    expect(begun.headers['retry-after']).toBe('1');
    const { 'azure-asyncoperation': url = '', location = '' } = begun.headers;
    const look = async (at: string): Promise<unknown> => (await call('GET', at)).body;
    expect(await look(url)).toMatchObject({ status: 'InProgress' });
    expect(refusal(await call('GET', url.replace(/&t=.*$/, '')))).toEqual([404, 'NotFound']);
    await subject().clock.advance(1000);
    expect(await look(url)).toMatchObject({ status: 'Succeeded' });
    expect(await look(location)).toEqual({ name: 'made' });
    expect((await call('GET', `${THING}?${V}`)).status).toBe(200);
  });

  it('tells why it failed', async () => {
    await makeGroup();
    const path = THING.replace('one', 'broken');
    const { headers } = await call('PUT', `${path}?${V}`, LOCATION);
    await subject().clock.advance(1000);
    const { 'azure-asyncoperation': url = '', location = '' } = headers;
    const told = await call('GET', url);
    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({
      status: 'Failed',
      error: { code: 'Broken', message: 'It broke.' },
    });
    expect(refusal(await call('GET', location))).toEqual([409, 'Broken']);
  });
});

describe('resources', () => {
  it('are listed by group and by tag', async () => {
    await makeThing();
    subject().things.setTags(THING, { app: 'shop', stage: 'dev' });
    const list = async (query: string): Promise<unknown> =>
      (await call('GET', `${GROUP}/resources?${V}${query}`)).body;
    const shown = { id: THING.toLowerCase(), name: 'one', type: 'test.things/things' };
    expect(await list('')).toMatchObject({ value: [{ ...shown, tags: { app: 'shop' } }] });
    const filter = (text: string): string => `&$filter=${encodeURIComponent(text)}`;
    const found = await list(filter("tagName eq 'APP' and tagValue eq 'shop'"));
    expect(found).toMatchObject({ value: [shown] });
    expect(JSON.stringify(found)).not.toContain('dev');
    expect(await list(filter("tagName eq 'app' and tagValue eq 'dev'"))).toEqual({ value: [] });
    expect(await list(filter("resourceType eq 'Test.Things/things'"))).toMatchObject({
      value: [shown],
    });
    expect(refusal(await call('GET', `${GROUP}/resources?${V}${filter('what')}`))).toEqual([
      400,
      'InvalidFilterInQueryString',
    ]);
    const all = await call('GET', `/subscriptions/${SUBSCRIPTION}/resources?${V}`);
    expect(all.body).toMatchObject({ value: [shown] });
    expect(refusal(await call('GET', `${GROUP}x/resources?${V}`))).toEqual([
      404,
      'ResourceGroupNotFound',
    ]);
  });

  it('have metrics, when they are there', async () => {
    const metrics = `${THING}/providers/Microsoft.Insights/metrics?api-version=2024-02-01`;
    await makeGroup();
    expect(refusal(await call('GET', metrics))).toEqual([404, 'ResourceNotFound']);
    await makeThing();
    expect((await call('GET', metrics)).body).toEqual({ of: metrics.split('?')[0] });
  });
});

describe('tags', () => {
  const tags = (id: string): string => `${id}/providers/Microsoft.Resources/tags/default?${V}`;
  const patch = (operation: string, wish: object): ReturnType<typeof raw> =>
    call('PATCH', tags(THING), { operation, properties: { tags: wish } });

  it('are merged, replaced and deleted', async () => {
    await makeThing();
    expect((await call('GET', tags(THING))).body).toMatchObject({
      type: 'Microsoft.Resources/tags',
      properties: { tags: {} },
    });
    await patch('Merge', { a: '1', b: '2' });
    const merged = await patch('Merge', { B: '3', c: '4' });
    expect(merged.body).toMatchObject({ properties: { tags: { a: '1', B: '3', c: '4' } } });
    const deleted = await patch('Delete', { a: 'other', b: '3' });
    expect(deleted.body).toMatchObject({ properties: { tags: { a: '1', c: '4' } } });
    expect((await patch('Replace', { z: '9' })).body).toMatchObject({
      properties: { tags: { z: '9' } },
    });
    expect(subject().things.tags(THING)).toEqual({ z: '9' });
    await call('PUT', tags(THING), { properties: { tags: { y: '8' } } });
    expect(subject().things.tags(THING)).toEqual({ y: '8' });
  });

  it('belong to groups and to the subscription as well', async () => {
    await makeGroup();
    await call('PUT', tags(GROUP), { properties: { tags: { owner: 'us' } } });
    expect((await call('GET', `${GROUP}?${V}`)).body).toMatchObject({ tags: { owner: 'us' } });
    const whole = `/subscriptions/${SUBSCRIPTION}`;
    await call('PUT', tags(whole), { properties: { tags: { cost: '1' } } });
    expect((await call('GET', tags(whole))).body).toMatchObject({
      properties: { tags: { cost: '1' } },
    });
  });

  it('are held to their limits', async () => {
    await makeThing();
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`t${index}`, '']));
    expect(refusal(await patch('Merge', many))).toEqual([400, 'TooManyTags']);
    expect(refusal(await patch('Merge', { a: 'x'.repeat(257) }))).toEqual([
      400,
      'InvalidTagValueLength',
    ]);
    expect(refusal(await patch('Merge', { ['a'.repeat(513)]: '' }))).toEqual([
      400,
      'InvalidTagName',
    ]);
    expect(refusal(await patch('Merge', { 'a/b': '' }))).toEqual([400, 'InvalidTagNameCharacters']);
    expect(refusal(await patch('Merge', { a: 1 }))).toEqual([400, 'InvalidRequestContent']);
    expect(refusal(await patch('Add', { a: '1' }))).toEqual([400, 'InvalidRequestContent']);
    const tagged = { ...LOCATION, tags: { a: 'x'.repeat(257) } };
    expect(refusal(await call('PUT', `${THING}?${V}`, tagged))).toEqual([
      400,
      'InvalidTagValueLength',
    ]);
    expect(subject().things.tags(THING)).toEqual({});
  });

  it('need what they are of', async () => {
    await makeGroup();
    expect(refusal(await call('GET', tags(THING)))).toEqual([404, 'ResourceNotFound']);
  });
});

describe('a resource provider', () => {
  it('must be registered before anything is made', async () => {
    await makeThing();
    const provider = `/subscriptions/${SUBSCRIPTION}/providers/Test.Things`;
    expect((await call('GET', `${provider}?${V}`)).body).toMatchObject({
      registrationState: 'Registered',
    });
    subject().arm.registrations.unregister('Test.Things');
    expect(refusal(await call('PUT', `${THING}?${V}`, LOCATION))).toEqual([
      409,
      'MissingSubscriptionRegistration',
    ]);
    expect((await call('GET', `${THING}?${V}`)).status).toBe(200);
    expect((await call('POST', `${provider}/register?${V}`)).body).toMatchObject({
      registrationState: 'Registering',
    });
    await subject().clock.advance(20_000);
    expect((await call('PUT', `${THING}?${V}`, LOCATION)).status).toBe(202);
    expect(refusal(await call('GET', `${provider}x?${V}`))).toEqual([
      404,
      'InvalidResourceNamespace',
    ]);
  });
});
