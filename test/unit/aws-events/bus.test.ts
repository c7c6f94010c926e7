import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bus } from './bindings.ts';
import { EventWorld } from './world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

async function rules(name: string) {
  const events = await world.observer.eventbridge();
  const found = await events.listRules({ EventBusName: name });
  return Promise.all(
    (found.Rules ?? []).map(async ({ Name, State, EventPattern }) => {
      const { Targets = [] } = await events.listTargetsByRule({ Rule: Name, EventBusName: name });
      return { State, pattern: JSON.parse(EventPattern ?? '{}'), targets: Targets };
    }),
  );
}

describe('buses', () => {
  it('are made, bound, changed, untied, and taken away again', async () => {
    const before = world.fake.inventory();
    const fn = await world.function('orders');
    await fn.bind([bus('b', { deadLetter: 'bus-dead', pattern: { type: ['Paid'] } })]);
    const dead = world.fake.world.sqs.arnOf('bus-dead');
    const [rule] = await rules('shop');
    expect(rule).toMatchObject({
      State: 'ENABLED',
      pattern: { 'detail-type': ['Paid'] },
      targets: [{ Arn: fn.alias, DeadLetterConfig: { Arn: dead } }],
    });
    const template = rule?.targets[0]?.InputTransformer?.InputTemplate ?? '';
    expect(template).toContain('"data":<aws.events.event.json>');
    expect(JSON.parse(template.replace('<aws.events.event.json>', 'null'))).toEqual({
      $polyfaas: { kind: 'bus', binding: 'b', bus: 'shop' },
      data: null,
    });
    const events = await world.observer.eventbridge();
    const { Arn = '' } = (await events.listRules({ EventBusName: 'shop' })).Rules?.[0] ?? {};
    expect(world.fake.world.sqs.allowsService(dead, 'events.amazonaws.com', Arn)).toBe(true);
    const caller = { principal: 'events.amazonaws.com', sourceArn: Arn };
    expect(world.fake.world.lambda.allows(fn.alias, caller)).toBe(true);

    await fn.bind([bus('b', { enabled: false })]);
    expect(await rules('shop')).toMatchObject([
      { State: 'DISABLED', pattern: { source: [{ prefix: '' }] } },
    ]);
    await fn.bind([bus('b', { bus: 'default' })]);
    expect(await rules('shop')).toEqual([]);
    expect(await rules('default')).toHaveLength(1);
    expect(world.fake.world.lambda.allows(fn.alias, caller)).toBe(false);
    await fn.bind([]);
    expect(await rules('default')).toEqual([]);
    await fn.remove();
    expect(world.fake.inventory()).toEqual(before);
  });

  it('with rules of others are kept', async () => {
    const fn = await world.function('owner');
    await fn.bind([bus('b', { bus: 'busy' })]);
    const events = await world.observer.eventbridge();
    await events.putRule({
      Name: 'theirs',
      EventBusName: 'busy',
      EventPattern: '{"source":["a"]}',
    });
    await fn.remove();
    expect(await rules('busy')).toHaveLength(1);
    expect(world.warnings.at(-1)).toContain('busy');
  });

  it('that are not there are refused, with what to do', async () => {
    const fn = await world.function('lonely');
    await expect(fn.bind([bus('b', { bus: 'nowhere', create: false })])).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('create: true'),
    });
  });
});
