import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fleet, InstanceSetup, ServiceReply } from '../../fakes/gcp/core/ports.ts';
import {
  createSmallWorld,
  handler,
  request,
  setupOf,
  source,
  textOf,
  type SmallWorld,
} from './small-world.ts';

/** Waits as long as its query says, and tells which instance it was. */
const CODE = `import { randomUUID } from 'node:crypto';\nconst id = randomUUID();\n${handler(
  'await new Promise((resolve) => setTimeout(resolve, Number(request.query.ms ?? 0)));\nresponse.json({ id, calls });',
)}`;

describe('a fleet', () => {
  let small: SmallWorld;
  beforeEach(async () => {
    small = await createSmallWorld();
  });
  afterEach(() => small.stop());

  async function started(setup: Partial<InstanceSetup> = {}): Promise<Fleet> {
    const { folder } = await small.runtime.build(await source(CODE), 'main');
    return small.runtime.start(setupOf(folder, setup));
  }
  const idOf = (reply: ServiceReply): string => {
    expect(reply.status).toBe(200);
    const { id } = Object(JSON.parse(textOf(reply)));
    return String(id);
  };
  const together = async (fleet: Fleet, count: number, ms: number): Promise<readonly string[]> => {
    const replies = await Promise.all(
      Array.from({ length: count }, () => fleet.send(request(`/?ms=${ms}`))),
    );
    return replies.map(idOf);
  };

  it('keeps the instance that it was probed with', async () => {
    const fleet = await started();
    await fleet.probe();
    const first = idOf(await fleet.send(request()));
    expect(idOf(await fleet.send(request()))).toBe(first);
    expect(small.startups).toHaveLength(1);
  });

  it('has an instance for each request, as many as there may be', async () => {
    const fleet = await started({ maxInstances: 2 });
    await together(fleet, 4, 60);
    await expect.poll(() => small.startups.length).toBe(2);
    expect(new Set(await together(fleet, 2, 100)).size).toBe(2);
    expect(small.startups).toHaveLength(2);
  });

  it('gives an instance as many requests at once as it takes', async () => {
    const fleet = await started({ concurrency: 3 });
    await fleet.probe();
    expect(new Set(await together(fleet, 3, 100)).size).toBe(1);
    expect(small.startups).toHaveLength(1);
    await together(fleet, 4, 100);
    await expect.poll(() => small.startups.length).toBe(2);
  });

  it('lets requests wait for ten seconds', async () => {
    const fleet = await started({ maxInstances: 1 });
    await fleet.probe();
    const long = fleet.send(request('/?ms=1600'));
    const waiting = fleet.send(request());
    await new Promise((resolve) => setTimeout(resolve, 50));
    await small.clock.advance(11_000);
    const reply = await waiting;
    expect(reply).toMatchObject({ status: 429, fate: 'no-instance' });
    expect(textOf(reply)).toBe('Rate exceeded.');
    idOf(await long);
    // What reached no instance is told of, and counted nowhere.
    expect(small.requests.map(({ status, instanceId }) => [status, typeof instanceId])).toEqual([
      [429, 'undefined'],
      [200, 'string'],
    ]);
    expect(small.requests[0]?.said).toMatch(/no available instance/);
  });

  it('ends what served nothing for a quarter of an hour', async () => {
    const fleet = await started();
    const first = idOf(await fleet.send(request()));
    await small.clock.advance(14 * 60_000);
    expect(idOf(await fleet.send(request()))).toBe(first);
    await small.clock.advance(14 * 60_000);
    expect(idOf(await fleet.send(request()))).toBe(first);
    await small.clock.advance(15 * 60_000);
    expect(idOf(await fleet.send(request()))).not.toBe(first);
  });

  it('keeps some ready where it is told to', async () => {
    const fleet = await started();
    fleet.setMinInstances(2);
    await small.work.idle();
    expect(small.startups).toHaveLength(2);
    await small.clock.advance(3_600_000);
    expect(new Set(await together(fleet, 2, 100)).size).toBe(2);
    expect(small.startups).toHaveLength(2);
    fleet.setMinInstances(0);
    await small.clock.advance(16 * 60_000);
    idOf(await fleet.send(request()));
    expect(small.startups).toHaveLength(3);
  });

  it('tells an instance when its caller goes away', async () => {
    const code = handler(
      "request.on('close', () => console.log('gone')); await new Promise((resolve) => setTimeout(resolve, 300)); response.end();",
    );
    const { folder } = await small.runtime.build(await source(code), 'main');
    const fleet = small.runtime.start(setupOf(folder));
    await fleet.probe();
    const controller = new AbortController();
    const sent = fleet.send(request('/', { signal: controller.signal }));
    setTimeout(() => controller.abort(), 50);
    await sent;
    await expect.poll(() => small.lines.map(({ text }) => text)).toContain('gone');
  });

  it('serves nothing once it is stopped', async () => {
    const fleet = await started();
    await fleet.probe();
    await fleet.stop();
    expect(await fleet.send(request())).toMatchObject({ status: 503, fate: 'no-instance' });
  });
});
