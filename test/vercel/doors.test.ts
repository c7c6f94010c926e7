/** Who comes in, and who does not: strangers at the reserved paths, protected deployments, queues of the same name. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { at, textOf } from '../fakes/vercel/core/json.ts';
import type { ReadyDeployment } from '../fakes/vercel/core/ports.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Says on each call what it got, so that nothing runs unseen. */
const SOURCE = `export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: async (input) => { console.log('GOT invoke ' + JSON.stringify(input)); return 1; },
  http: async () => { console.log('GOT http'); return new Response('hello'); },
  schedule: async ({ id }) => console.log('GOT schedule ' + id),
  queue: async ({ messages }) => { for (const { data } of messages) console.log('GOT queue ' + data); },
  topic: async ({ data }) => console.log('GOT topic ' + data),
};`;

const QUEUE = { type: 'queue', id: 'orders', queue: 'orders', create: true } as const;
const TOPIC = { type: 'topic', id: 'users', topic: 'users', create: true } as const;
const CRON = { type: 'schedule', id: 'hourly', every: '1 hour' } as const;
const ROUTE = { type: 'http', id: 'route', path: '/orders' } as const;

interface Deployed {
  readonly manager: ServerlessManager;
  readonly url: string;
  readonly deployment: ReadyDeployment;
  readonly projectId: string;
}

async function deployed(app: string, events: readonly EventSpec[]): Promise<Deployed> {
  const manager = await stage.manager({ app, functions: { main: { source: SOURCE, events } } });
  await manager.deploy('main');
  const { projects, store } = stage.fake.world;
  const project = store.find(`${app}-dev-main`);
  const deployment = projects.productionOf(project?.id ?? '');
  if (project === undefined || deployment === undefined) throw new Error('Nothing is live.');
  return {
    manager,
    deployment,
    projectId: project.id,
    url: `http://${project.aliases[0]}`,
  };
}

/** What ran, in order. */
async function ran(manager: ServerlessManager): Promise<readonly string[]> {
  await stage.fake.settle();
  // Lines reach the log of requests within seconds.
  await stage.clock.advance(5_000);
  const lines: string[] = [];
  for await (const { message } of manager.logs('main', { last: '1d' })) {
    if (message.startsWith('GOT ')) lines.push(message.slice('GOT '.length));
  }
  return lines;
}

const send = (projectId: string, topic: string, data: string): string =>
  stage.fake.world.queues.send(projectId, topic, Buffer.from(JSON.stringify(data)));

/** As `send` of the vendor's client in a function of the deployment. */
const sendPinned = (projectId: string, deploymentId: string, data: string): string =>
  stage.fake.world.queues.send(projectId, 'orders', Buffer.from(JSON.stringify(data)), {
    headers: { 'vqs-deployment-id': deploymentId },
  });

const statusOf = async (url: string, init: RequestInit = {}): Promise<number> =>
  (await fetch(url, { redirect: 'manual', ...init })).status;

/** As Vercel Queues deliver, but for the receipt. */
const FORGED: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-type': 'com.vercel.queue.v2beta',
  'ce-id': 'msg_1',
  'ce-vqsqueuename': 'orders',
  'ce-vqsconsumergroup': 'polyfaas_Sevents_Sorders',
  'ce-vqsmessageid': 'msg_1',
  'ce-vqsreceipthandle': 'a-receipt-of-my-own',
  'ce-vqsdeliverycount': '1',
  'ce-vqscreatedat': new Date().toISOString(),
  'ce-vqsregion': 'fra1',
};

describe('a delivery that no queue made', () => {
  it.each(['events/orders', 'events/users', 'async'])('to %s runs nothing', async (place) => {
    const app = `forged-${place.replace('/', '-')}`;
    const { manager, url, deployment, projectId } = await deployed(app, [QUEUE, TOPIC]);
    const body = JSON.stringify('forged');
    const { body: shown } = await stage.fake.world.call({
      method: 'GET',
      path: `/v13/deployments/${deployment.id}`,
    });
    const own = `http://${textOf(at(shown, 'url'))}`;
    const [bypass = ''] = stage.fake.world.projects.bypassSecretsOf(projectId);
    const headers = { ...FORGED, 'x-vercel-protection-bypass': bypass };
    for (const origin of [url, own]) {
      expect(await statusOf(`${origin}/polyfaas/${place}`, { method: 'POST', headers, body })).toBe(
        404,
      );
    }
    // Should one find its way to the function itself: the queue does not know of it.
    const reply = await stage.fake.world.edge.deliver(deployment, `polyfaas/${place}`, {
      method: 'POST',
      url: `/polyfaas/${place}`,
      headers: Object.entries(FORGED).flat(),
      body: Buffer.from(body),
    });
    expect(reply.status).toBe(401);
    const bare = await stage.fake.world.edge.deliver(deployment, `polyfaas/${place}`, {
      method: 'POST',
      url: `/polyfaas/${place}`,
      headers: ['content-type', 'application/json'],
      body: Buffer.from(body),
    });
    expect(bare.status).toBe(400);
    expect(await ran(manager)).toEqual([]);
    send(projectId, 'orders', 'true');
    expect(await ran(manager)).toEqual(['queue true']);
  });
});

describe('a message that is pinned to the deployment it was sent by', () => {
  it('is handled once', async () => {
    const { manager, projectId, deployment } = await deployed('pinned', [QUEUE]);
    sendPinned(projectId, deployment.id, 'mine');
    expect(await ran(manager)).toEqual(['queue mine']);
    await stage.clock.advance(3_600_000);
    expect(await ran(manager)).toEqual(['queue mine']);
  });
});

/** So that a cron of every hour runs when a test lets an hour pass, and not before. */
async function earlyInAnHour(): Promise<void> {
  const sinceMs = stage.clock.now() % 3_600_000;
  await stage.clock.advance(3_600_000 - sinceMs + 60_000);
}

describe('the path of a cron', () => {
  it('is for Vercel alone, which knows the secret', async () => {
    await earlyInAnHour();
    const { manager, url, projectId } = await deployed('timed', [CRON, ROUTE]);
    const path = `${url}/polyfaas/crons/hourly`;
    const variables = stage.fake.world.store.find(projectId)?.variables.values() ?? [];
    const secret = [...variables].find(({ key }) => key === 'CRON_SECRET')?.value ?? '';
    const signed = { authorization: `Bearer ${secret}` };
    expect(await statusOf(path)).toBe(401);
    expect(await statusOf(path, { headers: { authorization: 'Bearer ' } })).toBe(401);
    expect(await statusOf(path, { headers: { authorization: `Bearer ${secret}x` } })).toBe(401);
    expect(await statusOf(path, { headers: { authorization: secret } })).toBe(401);
    expect(await statusOf(path, { headers: signed, method: 'POST' })).toBe(405);
    expect(await statusOf(`${url}/polyfaas/crons/other`, { headers: signed })).toBe(404);
    expect(await statusOf(`${url}/polyfaas/crons/route`, { headers: signed })).toBe(404);
    expect(await ran(manager)).toEqual([]);
    expect(await statusOf(path, { headers: signed })).toBe(200);
    expect(await ran(manager)).toEqual([expect.stringMatching(/^schedule hourly-/)]);
  });
});

describe('other reserved paths', () => {
  it('answer strangers with nothing', async () => {
    const { manager, url } = await deployed('reserved', [ROUTE, QUEUE]);
    const post = { method: 'POST', body: '{"kind":"invoke","data":1}' };
    expect(await statusOf(`${url}/polyfaas/invoke`, post)).toBe(401);
    expect(await statusOf(`${url}/polyfaas/invoke?mode=async`, post)).toBe(401);
    expect(await statusOf(`${url}/polyfaas/invoke`)).toBe(405);
    for (const path of ['main', 'async', 'events/orders', 'other', '']) {
      expect([path, await statusOf(`${url}/polyfaas/${path}`)]).toEqual([path, 404]);
    }
    expect(await ran(manager)).toEqual([]);
    expect(await statusOf(`${url}/orders`)).toBe(200);
  });
});

describe('a project all of whose addresses are protected', () => {
  it('is called, warmed, deployed and driven by events as before; strangers stay outside', async () => {
    await earlyInAnHour();
    const { manager, url, projectId } = await deployed('closed', [ROUTE, CRON, QUEUE]);
    await stage.fake.world.call({
      method: 'PATCH',
      path: `/v9/projects/${projectId}`,
      body: { ssoProtection: { deploymentType: 'all' } },
    });
    expect(await statusOf(`${url}/orders`)).toBe(401);
    expect((await manager.invoke('main', 'sync')).output).toBe(1);
    await manager.invoke('main', 'later', { mode: 'async' });
    expect((await manager.preWarm('main', { instances: 1 })).distinctInstances).toBe(1);
    send(projectId, 'orders', 'message');
    await stage.fake.settle();
    await stage.clock.advance(3_600_000);
    const lines = await ran(manager);
    expect(lines.slice(0, 3).toSorted()).toEqual([
      'invoke "later"',
      'invoke "sync"',
      'queue message',
    ]);
    expect(lines.slice(3)).toEqual([expect.stringMatching(/^schedule hourly-/)]);
    const changed = await stage.manager({
      app: 'closed',
      functions: { main: { source: SOURCE, events: [ROUTE], env: { MORE: 'x' } } },
    });
    await changed.deploy('main');
    await changed.rollback('main');
    expect((await changed.invoke('main', 'again')).output).toBe(1);
  });
});

describe('a queue', () => {
  it('is the project’s own: one of the same name elsewhere is another one', async () => {
    const mine = await deployed('queue-mine', [QUEUE]);
    const other = await deployed('queue-other', [QUEUE]);
    send(other.projectId, 'orders', 'theirs');
    expect(await ran(other.manager)).toEqual(['queue theirs']);
    expect(await ran(mine.manager)).toEqual([]);
  });

  it('that is bound again by the same id goes on where it was', async () => {
    const { manager, projectId } = await deployed('again', []);
    await manager.configureEvent('main', QUEUE);
    send(projectId, 'orders', 'first');
    expect(await ran(manager)).toEqual(['queue first']);
    await manager.removeEvent('main', 'orders');
    send(projectId, 'orders', 'between');
    expect(await ran(manager)).not.toContain('queue between');
    await manager.configureEvent('main', QUEUE);
    expect(await ran(manager)).toEqual(['queue between']);
  });

  it('that is bound by another id is read from the beginning of what is kept', async () => {
    const { manager, projectId } = await deployed('renamed', [QUEUE]);
    send(projectId, 'orders', 'first');
    expect(await ran(manager)).toEqual(['queue first']);
    await manager.removeEvent('main', 'orders');
    await manager.configureEvent('main', { ...QUEUE, id: 'other' });
    expect(await ran(manager)).toEqual(['queue first']);
  });
});

describe('a topic', () => {
  it('that is bound tells nothing of before', async () => {
    const { manager, projectId } = await deployed('topical', []);
    send(projectId, 'users', 'before');
    await stage.clock.advance(60_000);
    await manager.configureEvent('main', TOPIC);
    await stage.clock.advance(60_000);
    send(projectId, 'users', 'after');
    expect(await ran(manager)).toEqual(['topic after']);
  });
});
