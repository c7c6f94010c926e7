import { describe, expect, it } from 'vitest';
import { appliedSettings, encodeApplied } from '../../../providers/vercel/plan/applied.ts';
import { encodeRecord, recordVariable } from '../../../providers/vercel/record-text.ts';
import type { FunctionRecord } from '../../../providers/vercel/record.ts';
import { http } from '../../support/bindings.ts';
import { NAME, note, record, vercelWorld, type World } from './world.ts';

/** A record with two versions, the older of which is live. */
async function deployed(
  world: World,
  change: Partial<FunctionRecord> = {},
): Promise<{ projectId: string; one: string; two: string }> {
  const projectId = await world.project(record());
  const one = await world.deploy(projectId, NAME, 'v1');
  const two = await world.deploy(projectId, NAME, 'v2');
  await world.promote(projectId, one.id);
  const versions = [
    note('v1', { ...one, digest: 'd1' }),
    note('v2', { ...two, digest: 'd2' }),
    note('v3'),
  ];
  const written = record({ live: 'v1', versions, ...change });
  await world.variable(projectId, recordVariable(2), encodeRecord(written) ?? '');
  world.asked.length = 0;
  return { projectId, one: one.id, two: two.id };
}

describe('a function', () => {
  it('that is not there is no error, and no write', async () => {
    const world = await vercelWorld();
    const found = await world.look();
    expect(found).toStrictEqual({
      token: 'absent',
      description: undefined,
      physicalName: NAME,
      isStranger: false,
      isOwned: false,
      project: null,
      variables: null,
      kept: null,
      deployments: null,
    });
    expect(world.asked.toSorted()).toStrictEqual([
      `GET /v10/projects/${NAME}/env`,
      `GET /v9/projects/${NAME}`,
    ]);
  });

  it('is described by its record and by what is in production, with two calls', async () => {
    const world = await vercelWorld();
    const { projectId, one } = await deployed(world, { bindings: [http('web')] });
    const found = await world.look();
    expect(world.asked).toHaveLength(2);
    expect(found).toMatchObject({
      isStranger: false,
      isOwned: true,
      physicalName: NAME,
      project: { id: projectId, production: one, hasBypass: false },
      kept: { number: 2, record: { live: 'v1' } },
      deployments: null,
    });
    expect(found.description).toMatchObject({
      app: 'shop',
      stage: 'dev',
      name: 'orders',
      provider: 'vercel',
      region: 'fra1',
      physicalName: NAME,
      liveVersion: 'v1',
      versions: [
        { version: 'v1', digest: 'digest-of-v1', memoryMb: 512, timeoutSeconds: 30 },
        { version: 'v2', handles: ['invoke', 'http'] },
      ],
      bindings: [{ id: 'web' }],
    });
    expect(found.description?.url).toBe(world.vercel.originOf(found.project?.aliases[0] ?? ''));
  });

  it('tells its variables without their values', async () => {
    const world = await vercelWorld();
    const { projectId } = await deployed(world);
    await world.ask({
      method: 'POST',
      path: `/v10/projects/${projectId}/env`,
      body: [
        { key: 'A', value: 'very secret', type: 'sensitive', target: ['preview', 'production'] },
      ],
    });
    const { variables } = await world.look();
    expect(variables).toMatchObject([
      { key: 'A', type: 'sensitive', targets: ['preview', 'production'] },
      { key: recordVariable(1), type: 'plain', targets: ['development'] },
      { key: recordVariable(2) },
    ]);
    expect(JSON.stringify(variables)).not.toContain('very secret');
  });

  it('without a route has no address', async () => {
    const world = await vercelWorld();
    await deployed(world, { bindings: [http('web', { enabled: false })] });
    expect((await world.look()).description?.url).toBeNull();
  });

  it('is told by the domain that was declared, once it leads there', async () => {
    const world = await vercelWorld();
    const settings = encodeApplied(
      appliedSettings({ async: null, keyId: 'k1', keys: 0, tags: {}, domain: 'api.example.com' }),
    );
    await deployed(world, { bindings: [http('web')], settings });
    expect((await world.look()).description?.url).not.toContain('api.example.com');
  });

  it('whose first deploy did not come to its end has no version', async () => {
    const world = await vercelWorld();
    await world.project(record({ next: 'd', versions: [note('v1')] }));
    const { description, kept } = await world.look();
    expect(kept?.record.next).toBe('d');
    expect(description).toMatchObject({ liveVersion: null, versions: [], url: null });
  });

  it('is live in what somebody promoted by hand, of which the deployment tells', async () => {
    const world = await vercelWorld();
    const { projectId, two } = await deployed(world);
    await world.promote(projectId, two);
    expect((await world.look()).description?.liveVersion).toBe('v2');
    const again = await world.deploy(projectId, NAME, 'v2');
    await world.promote(projectId, again.id);
    world.asked.length = 0;
    expect((await world.look()).description?.liveVersion).toBe('v2');
    expect(world.asked).toHaveLength(3);
  });

  it('read in full tells all its deployments', async () => {
    const world = await vercelWorld();
    const { one, two } = await deployed(world);
    const { deployments } = await world.look({ full: true });
    expect(deployments).toMatchObject([
      { id: two, state: 'READY', digest: 'digest-v2' },
      { id: one, state: 'READY', digest: 'digest-v1' },
    ]);
  });

  it('knows of a bypass without knowing its secret', async () => {
    const world = await vercelWorld();
    const { projectId } = await deployed(world);
    const secret = 'x'.repeat(32);
    await world.ask({
      method: 'PATCH',
      path: `/v1/projects/${projectId}/protection-bypass`,
      body: { generate: { secret } },
    });
    const found = await world.look();
    expect(found.project?.hasBypass).toBe(true);
    expect(JSON.stringify(found)).not.toContain(secret);
  });
});

describe("somebody else's project of that name", () => {
  it('is a stranger without a record', async () => {
    const world = await vercelWorld();
    await world.fake.stranger(NAME);
    const found = await world.look({ full: true });
    expect(found).toMatchObject({ isStranger: true, isOwned: false, deployments: null });
    expect(found.description).toBeUndefined();
    expect(found.token).not.toBe('absent');
  });

  it('is a stranger with the record of another function', async () => {
    const world = await vercelWorld();
    await world.project(record({ name: 'billing' }), NAME);
    expect(await world.look()).toMatchObject({ isStranger: true, isOwned: true });
  });

  it('is a stranger with a record that a hand has broken', async () => {
    const world = await vercelWorld();
    const id = await world.project(record());
    await world.variable(id, recordVariable(2), 'broken');
    const found = await world.look();
    expect(found).toMatchObject({ isStranger: true, kept: null });
    expect(found.description).toBeUndefined();
  });
});

describe('the token', () => {
  it('is the same as long as nothing changes, and another one afterwards', async () => {
    const world = await vercelWorld();
    const { projectId, two } = await deployed(world);
    const tokens = new Set<string>();
    const next = async (): Promise<void> => {
      const [first, second] = [await world.look(), await world.look({ full: true })];
      expect(second.token).toBe(first.token);
      expect(tokens).not.toContain(first.token);
      tokens.add(first.token);
    };
    await next();
    await world.variable(projectId, 'B', 'x');
    await next();
    await world.variable(projectId, recordVariable(3), encodeRecord(record()) ?? '');
    await next();
    await world.promote(projectId, two);
    await next();
    expect(tokens.size).toBe(4);
  });
});
