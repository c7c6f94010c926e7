import type { FunctionSummary, Scope } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { list } from '../../../providers/vercel/list.ts';
import { encodeRecord } from '../../../providers/vercel/record-text.ts';
import { physicalNameOf } from '../../../providers/vercel/place.ts';
import { note, record, vercelWorld, type World } from './world.ts';

const SCOPE = { app: 'shop', stage: 'dev' };

async function listed(
  { vercel }: World,
  projectNames: Readonly<Record<string, string>> = {},
  scope: Scope = SCOPE,
): Promise<readonly FunctionSummary[]> {
  const found: FunctionSummary[] = [];
  const nameOf = (name: string): string => physicalNameOf({ ...scope, name }, projectNames);
  const { signal } = new AbortController();
  for await (const one of list(vercel, { scope, projectNames, nameOf }, { signal })) {
    found.push(one);
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

describe('the functions of an app and stage', () => {
  it('are those of its records, with what is live', async () => {
    const world = await vercelWorld();
    const projectId = await world.project(record());
    const made = await world.deploy(projectId, 'shop-dev-orders', 'v1');
    await world.promote(projectId, made.id);
    await world.variable(
      projectId,
      'POLYFAAS_RECORD_2',
      encode(record({ live: 'v1', versions: [note('v1', { ...made, digest: 'd' })] })),
    );
    await world.project(record({ name: 'Pay_Now' }));
    // Of another stage, of another app, and of somebody else.
    await world.project(record({ stage: 'dev-2' }));
    await world.project(record({ app: 'my-shop' }));
    await world.fake.stranger('shop-dev-foreign');
    expect(await listed(world)).toStrictEqual([
      {
        name: 'Pay_Now',
        physicalName: expect.stringMatching(/^shop-dev-pay-now-/),
        liveVersion: null,
      },
      { name: 'orders', physicalName: 'shop-dev-orders', liveVersion: 'v1' },
    ]);
  });

  it('are found in projects whose names were chosen', async () => {
    const world = await vercelWorld();
    await world.project(record(), 'orders-eu');
    const projectNames = { orders: 'orders-eu', missing: 'not-there' };
    expect(await listed(world, projectNames)).toMatchObject([{ physicalName: 'orders-eu' }]);
    expect(await listed(world)).toStrictEqual([]);
  });

  it('are not copies of variables in other projects', async () => {
    const world = await vercelWorld();
    await world.project(record());
    await world.project(record(), 'shop-dev-copy');
    expect(await listed(world)).toMatchObject([{ physicalName: 'shop-dev-orders' }]);
  });

  it('come by pages when there are many, each once', async () => {
    const world = await vercelWorld();
    const names = Array.from({ length: 130 }, (_, index) => `f${index}`);
    for (const name of names) {
      await world.project(record({ name }));
      await world.clock.advance(1);
    }
    const found = await listed(world);
    expect(found.map(({ name }) => name)).toStrictEqual(names.toSorted());
    const pages = world.asked.filter((call) => call === 'GET /v10/projects');
    expect(pages).toHaveLength(2);
  });
});

function encode(value: object): string {
  return encodeRecord(value) ?? '';
}
