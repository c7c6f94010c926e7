/** A mapping stays when what it reads is deleted: only a look at the source tells. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import { hand } from './support/hand.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

const managed = (event: EventSpec) =>
  stage.manager({
    functions: {
      main: {
        source: `export default Object.assign(
          { [Symbol.for('polyfaas.function')]: true },
          { async stream() {}, async table() {} },
        );`,
        events: [event],
      },
    },
  });
type Clients = Awaited<ReturnType<typeof hand>>;

it.each<readonly [string, EventSpec, (clients: Clients) => Promise<unknown>]>([
  [
    'stream',
    { type: 'stream', id: 'e', stream: 'clicks', create: true },
    async ({ kinesis }) => (await kinesis()).deleteStream({ StreamName: 'clicks' }),
  ],
  [
    'table',
    { type: 'table', id: 'e', table: 'orders', create: true },
    async ({ dynamodb }) => (await dynamodb()).deleteTable({ TableName: 'orders' }),
  ],
])(
  'a full look finds a %s that is gone, and a deploy makes it again',
  async (_kind, event, end) => {
    const manager = await managed(event);
    await manager.deploy('main');
    expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
    const sources = stage.fake.inventory().filter((line) => /^(?:kinesis|dynamodb) /.test(line));
    expect(sources).not.toStrictEqual([]);
    await end(await hand(stage));
    await stage.clock.advance(120_000);
    const { warnings } = await manager.plan('main', { drift: 'full' });
    expect(warnings.map(({ type, field }) => [type, field])).toStrictEqual([
      ['drift', 'functions.main.events.e'],
    ]);
    expect(warnings[0]?.message).toMatch(/(?:clicks|orders)" is gone/);
    await manager.deploy('main', { drift: 'full' });
    const after = await manager.plan('main', { drift: 'full' });
    expect(after.steps).toStrictEqual([]);
    expect(stage.fake.inventory()).toEqual(expect.arrayContaining(sources));
  },
);

it('a full look finds the stream of a table that was switched off', async () => {
  const manager = await managed({ type: 'table', id: 'e', table: 'orders', create: true });
  await manager.deploy('main');
  const dynamodb = await (await hand(stage)).dynamodb();
  await dynamodb.updateTable({
    TableName: 'orders',
    StreamSpecification: { StreamEnabled: false },
  });
  await stage.clock.advance(120_000);
  const { warnings } = await manager.plan('main', { drift: 'full' });
  expect(warnings[0]?.message).toContain('the table "orders" has no stream');
  await manager.deploy('main', { drift: 'full' });
  expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
});
