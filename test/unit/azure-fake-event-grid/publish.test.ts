import { describe, expect, it } from 'vitest';
import { mapOf, textOf } from '../../fakes/azure/core/json.ts';
import { GROUP, TOPIC, cloudEvent, toQueue, useScene } from './scene.ts';

const scene = useScene();
const ONE = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
const SENDER = 'd5a91429-5739-47e2-a06b-3470a27159e7';

/** A topic with a subscription of everything. */
async function ready(inputSchema?: string): Promise<void> {
  await scene().storage();
  await scene().topic(inputSchema);
  await scene().done('PUT', `${TOPIC}/eventSubscriptions/mine`, toQueue());
}

describe('the endpoint of a topic for CloudEvents', () => {
  it('takes one and several', async () => {
    await ready();
    const auth = scene().bearer();
    const one = await scene().post(JSON.stringify(cloudEvent()), { ...ONE, ...auth });
    expect(one).toMatchObject({ status: 200, body: undefined });
    const two = [cloudEvent({ id: 'e2' }), cloudEvent({ id: 'e3' })];
    expect(await scene().post(JSON.stringify(two), { ...BATCH, ...auth })).toMatchObject({
      status: 200,
    });
    expect(
      scene()
        .messages()
        .map(({ id }) => id),
    ).toEqual(['e1', 'e2', 'e3']);
  });

  const wrong: readonly (readonly [string, object, Readonly<Record<string, string>>])[] = [
    ['another type of content', cloudEvent(), { 'content-type': 'application/json' }],
    ['a batch as one', [cloudEvent()], ONE],
    ['one as a batch', cloudEvent(), BATCH],
    ['no source', cloudEvent({ source: undefined }), ONE],
    ['no id', cloudEvent({ id: '' }), ONE],
    ['another version', cloudEvent({ specversion: '0.3' }), ONE],
    ['a time that is none', cloudEvent({ time: 'now' }), ONE],
    ['a strange attribute', cloudEvent({ myThing: 1 }), ONE],
    ['an attribute that is no text', cloudEvent({ mine: {} }), ONE],
    ['data twice', cloudEvent({ data_base64: 'AA==' }), ONE],
    ['the other schema', [{ eventType: 'x', subject: 'y' }], BATCH],
  ];
  it.each(wrong)('refuses %s', async (_, body, headers) => {
    await ready();
    const reply = await scene().post(JSON.stringify(body), { ...headers, ...scene().bearer() });
    expect(reply).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(mapOf(reply.body)['error']).toHaveProperty('details');
    expect(scene().messages()).toEqual([]);
  });

  it('refuses what is too large, and what is no JSON', async () => {
    await ready();
    const headers = { ...BATCH, ...scene().bearer() };
    const large = JSON.stringify([cloudEvent({ data: 'x'.repeat(1_100_000) })]);
    expect(await scene().post(large, headers)).toMatchObject({ status: 413 });
    const many = JSON.stringify([1, 2].map(() => cloudEvent({ data: 'x'.repeat(800_000) })));
    expect(await scene().post(many, headers)).toMatchObject({ status: 413 });
    expect(await scene().post('{', headers)).toMatchObject({ status: 400 });
  });

  it('lets in who has a key, or a token and the role', async () => {
    await ready();
    const { post, arm, advance, identity, manager } = scene();
    const body = JSON.stringify(cloudEvent());
    const keys = mapOf((await arm('POST', `${TOPIC}/listKeys`)).body);
    const withKey = (key: string) => post(body, { ...ONE, 'aeg-sas-key': key });
    expect(await withKey(textOf(keys['key2']))).toMatchObject({ status: 200 });
    expect(await withKey('wrong')).toMatchObject({ status: 401, code: 'Unauthorized' });
    expect(await post(body, ONE)).toMatchObject({ status: 401, code: 'Unauthorized' });
    expect(await post(body, { ...ONE, authorization: 'Bearer no' })).toMatchObject({ status: 401 });

    const id = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/sender`;
    const call = (path: string, apiVersion: string, sent: object) =>
      manager.call({ method: 'PUT', path, apiVersion, body: sent, caller: identity.deployer });
    await call(id, '2023-01-31', { location: 'westeurope' });
    const principalId = identity.identityOf(id)?.principalId ?? '';
    const bearer = scene().bearer({ kind: 'identity', principalId });
    expect(await post(body, { ...ONE, ...bearer })).toMatchObject({ status: 401 });
    const guid = '00000000-0000-4000-8000-000000000001';
    const assignment = `${TOPIC}/providers/Microsoft.Authorization/roleAssignments/${guid}`;
    await call(assignment, '2022-04-01', {
      properties: {
        roleDefinitionId: `/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/${SENDER}`,
        principalId,
        principalType: 'ServicePrincipal',
      },
    });
    await advance(60_000);
    expect(await post(body, { ...ONE, ...bearer })).toMatchObject({ status: 200 });
  });

  it('is not there without the topic', async () => {
    expect(await scene().post('{}', { ...ONE, ...scene().bearer() })).toMatchObject({
      status: 404,
    });
  });
});

describe('the endpoint of a topic for the schema of Event Grid', () => {
  const event = {
    id: '1',
    subject: '/orders/1',
    eventType: 'placed',
    eventTime: '2026-11-21T09:00:00Z',
    dataVersion: '1',
    data: {},
  };

  it.each([
    ['a single event', event],
    ['an event without a subject', [{ ...event, subject: undefined }]],
    ['a time that is none', [{ ...event, eventTime: 'x' }]],
    ['a member of CloudEvents', [{ ...event, source: 'x' }]],
    ['another topic', [{ ...event, topic: '/subscriptions/x' }]],
  ])('refuses %s', async (_, body) => {
    await ready('EventGridSchema');
    const headers = { 'content-type': 'application/json', ...scene().bearer() };
    expect(await scene().post(JSON.stringify(body), headers)).toMatchObject({ status: 400 });
  });

  it('takes a list of them', async () => {
    await ready('EventGridSchema');
    const headers = { 'content-type': 'application/json', ...scene().bearer() };
    expect(await scene().post(JSON.stringify([event, event]), headers)).toMatchObject({
      status: 200,
    });
    expect(scene().messages()).toHaveLength(2);
  });
});
