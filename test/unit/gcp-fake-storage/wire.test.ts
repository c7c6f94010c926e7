import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assembleWorld, type FakeWorld } from '../../fakes/gcp/core/assemble.ts';
import { WireFaults } from '../../fakes/gcp/core/faults.ts';
import type { ApiName } from '../../fakes/gcp/core/ports.ts';
import { createPubSub } from '../../fakes/gcp/pubsub/index.ts';
import { createScheduler } from '../../fakes/gcp/scheduler/index.ts';
import { createStorage, type StorageFake } from '../../fakes/gcp/storage/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';

let clock: ManualClock;
let world: FakeWorld;
let storage: StorageFake;
let faults: WireFaults;

beforeEach(async () => {
  clock = new ManualClock();
  faults = new WireFaults();
  world = await assembleWorld(
    { clock, intercept: (exchange) => faults.pass(exchange) },
    {
      pubsub: createPubSub,
      scheduler: createScheduler,
      storage: (made) => (storage = createStorage(made)),
    },
  );
  await storage.ready;
});

afterEach(async () => world.stop());

async function send(api: ApiName, method: string, path: string, body?: object) {
  const token = world.identity.accessToken(world.identity.deployer);
  const response = await fetch(`${world.endpoints[api]}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
  return { status: response.status, json };
}

describe('over the wire', () => {
  it('a bucket tells a topic of its objects, once the grant has spread', async () => {
    const { projectId } = world;
    const topic = `projects/${projectId}/topics/files`;
    await send('pubsub', 'PUT', `/v1/${topic}`, {});
    await send('pubsub', 'PUT', `/v1/projects/${projectId}/subscriptions/files`, { topic });
    await send('storage', 'POST', `/storage/v1/b?project=${projectId}`, { name: 'shop-files' });
    const agent = await send('storage', 'GET', `/storage/v1/projects/${projectId}/serviceAccount`);
    const wish = { topic: `//pubsub.googleapis.com/${topic}`, payload_format: 'JSON_API_V1' };
    const configs = '/storage/v1/b/shop-files/notificationConfigs';
    const members = [`serviceAccount:${String(agent.json['email_address'])}`];
    const policy = { bindings: [{ role: 'roles/pubsub.publisher', members }] };
    expect(await send('pubsub', 'POST', `/v1/${topic}:setIamPolicy`, { policy })).toMatchObject({
      status: 200,
    });
    expect(await send('storage', 'POST', configs, wish)).toMatchObject({
      status: 400,
      json: { error: { code: 400, errors: [{ domain: 'global', reason: 'invalid' }] } },
    });
    await clock.advance(10_000);
    expect(await send('storage', 'POST', configs, wish)).toMatchObject({ status: 200 });
    world.storage.put('shop-files', 'a/b.txt', Buffer.from('x'));
    const pulled = await send(
      'pubsub',
      'POST',
      `/v1/projects/${projectId}/subscriptions/files:pull`,
      {
        maxMessages: 5,
      },
    );
    expect(pulled.json).toMatchObject({
      receivedMessages: [{ message: { attributes: { objectId: 'a/b.txt' } } }],
    });
    expect(world.inventory()).toEqual([
      'bucket shop-files',
      'bucket shop-files notification 1',
      'subscription files',
      'topic files',
    ]);
    expect(world.busy()).toBe(false);
  });

  it('names with slashes and other signs are one object', async () => {
    await send('storage', 'POST', `/storage/v1/b?project=${world.projectId}`, {
      name: 'shop-files',
    });
    world.storage.put('shop-files', 'in/größe 1+2&3.png', Buffer.from('x'));
    const path = `/storage/v1/b/shop-files/o/${encodeURIComponent('in/größe 1+2&3.png')}`;
    expect(await send('storage', 'GET', path)).toMatchObject({ json: { size: '1' } });
    expect(await send('storage', 'DELETE', path)).toMatchObject({ status: 204 });
  });

  it('an upload is a call of the deployer, and may go wrong', async () => {
    const { uploadUrl, bucket, object } = world.storage.uploadUrl();
    const put = () =>
      fetch(uploadUrl, {
        method: 'PUT',
        headers: { 'content-type': 'application/zip' },
        body: 'zip',
      });
    faults.arm({ call: 0, kind: '429' });
    expect(await put()).toMatchObject({ status: 429 });
    expect(world.storage.uploaded(bucket, object)).toBeUndefined();
    expect(await faults.count(put)).toBe(1);
    expect(faults.writes).toBe(1);
    expect(world.storage.uploaded(bucket, object)?.toString()).toBe('zip');
  });

  it('a job is made in the region', async () => {
    const parent = `projects/${world.projectId}/locations/${world.location}`;
    const made = await send('scheduler', 'POST', `/v1/${parent}/jobs`, {
      name: `${parent}/jobs/nightly`,
      schedule: '0 3 * * *',
      timeZone: 'Europe/Berlin',
      httpTarget: {
        uri: 'https://main.test/',
        oidcToken: { serviceAccountEmail: world.identity.deployer.email },
      },
    });
    expect(made).toMatchObject({ status: 200, json: { scheduleTime: '2026-01-01T02:00:00Z' } });
    expect(world.inventory()).toEqual(['scheduler job nightly']);
  });
});
