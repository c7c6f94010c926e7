/** What a hand took away or changed behind polyfaas's back is found, told and put right. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec, FunctionSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { makeDestinations } from './support/everything-flows.ts';
import { EVERYTHING, PLAIN_ROUTE, prepareSources } from './support/everything.ts';
import { hand } from './support/hand.ts';
import { createStage, type Stage } from './support/stage.ts';

const SOURCE = `export default Object.assign(
  { [Symbol.for('polyfaas.function')]: true },
  {
    async invoke() { return 'fine'; },
    async http() { return new Response('hello'); },
    async schedule() {}, async queue() {}, async topic() {}, async object() {},
    async stream() {}, async table() {}, async bus() {},
  },
);`;
const TOPIC: EventSpec = { type: 'topic', id: 't', topic: 'users', create: true };

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const live = (name: string) => ({ FunctionName: `shop-dev-${name}`, Qualifier: 'live' });
const aliasArn = (name: string): string =>
  `arn:aws:lambda:eu-central-1:123456789012:function:shop-dev-${name}:live`;

async function deployed(name: string, spec: FunctionSpec): Promise<ServerlessManager> {
  const manager = await stage.manager({ functions: { [name]: spec } });
  await manager.deploy(name);
  expect((await manager.plan(name, { drift: 'full' })).steps).toStrictEqual([]);
  return manager;
}

/** The fields that the plan tells of, once a deploy has repaired them and nothing is left to do. */
async function mended(manager: ServerlessManager, name: string): Promise<readonly string[]> {
  expect((await manager.plan(name)).steps).toStrictEqual([]);
  const { steps, warnings } = await manager.plan(name, { drift: 'full' });
  expect(steps).not.toStrictEqual([]);
  await manager.deploy(name, { drift: 'full' });
  const after = await manager.plan(name, { drift: 'full' });
  expect(after.steps).toStrictEqual([]);
  expect(after.warnings).toStrictEqual([]);
  return warnings.flatMap(({ type, field = '' }) => (type === 'drift' ? [field] : []));
}

describe('an alias that was deleted by hand', () => {
  const events: readonly EventSpec[] = [
    TOPIC,
    { type: 'queue', id: 'q', queue: 'alias-orders', create: true },
    { type: 'http', id: 'h' },
  ];

  it.each(['cheap', 'full'] as const)(
    'comes back with all that hung on it, also in a %s deploy',
    async (drift) => {
      const name = `alias-${drift}`;
      const manager = await deployed(name, {
        source: SOURCE,
        events,
        async: { maxAgeSeconds: 600 },
        minInstances: 1,
      });
      const lambda = await (await hand(stage)).lambda();
      await lambda.deleteProvisionedConcurrencyConfig(live(name));
      await lambda.deleteFunctionUrlConfig(live(name));
      await lambda.deleteAlias({ FunctionName: `shop-dev-${name}`, Name: 'live' });
      const { warnings } = await manager.deploy(name, { drift });
      expect(warnings.filter(({ type }) => type === 'drift')).toHaveLength(1);
      const { Policy } = await lambda.getPolicy(live(name));
      expect(Policy).toContain('sns.amazonaws.com');
      expect(Policy).toContain('lambda:InvokeFunctionUrl');
      expect(await lambda.getFunctionEventInvokeConfig(live(name))).toMatchObject({
        MaximumEventAgeInSeconds: 600,
      });
      expect(await lambda.getProvisionedConcurrencyConfig(live(name))).toMatchObject({
        RequestedProvisionedConcurrentExecutions: 1,
      });
      const { url } = (await manager.describe(name)) ?? {};
      expect(`${url ?? ''}/`).toBe((await lambda.getFunctionUrlConfig(live(name))).FunctionUrl);
      expect((await manager.plan(name, { drift: 'full' })).steps).toStrictEqual([]);
      await manager.remove(name);
    },
  );

  it('lets no event be configured before the next deploy', async () => {
    const manager = await deployed('alias-api', { source: SOURCE, events: [TOPIC] });
    const lambda = await (await hand(stage)).lambda();
    await lambda.deleteAlias({ FunctionName: 'shop-dev-alias-api', Name: 'live' });
    await expect(manager.configureEvent('alias-api', TOPIC)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('deploy("alias-api")'),
    });
    await manager.remove('alias-api');
  });

  it('and made anew by hand is bound by a rollback too', async () => {
    const name = 'alias-back';
    const manager = await deployed(name, {
      source: SOURCE,
      events: [TOPIC],
      async: { maxAgeSeconds: 600 },
    });
    const lambda = await (await hand(stage)).lambda();
    const alias = { FunctionName: `shop-dev-${name}`, Name: 'live' };
    await lambda.deleteAlias(alias);
    await lambda.createAlias({ ...alias, FunctionVersion: '1' });
    await manager.rollback(name, { version: '1' });
    expect((await lambda.getPolicy(live(name))).Policy).toContain('sns.amazonaws.com');
    expect(await lambda.getFunctionEventInvokeConfig(live(name))).toBeDefined();
    await manager.remove(name);
  });
});

describe('a full reading', () => {
  it('finds nothing on functions that use everything, also while two versions share the traffic', async () => {
    prepareSources(stage);
    await makeDestinations(stage);
    const manager = await stage.manager({ functions: EVERYTHING });
    for (const name of ['pulled', 'pushed', 'route'] as const) {
      await manager.deploy(name);
      const { steps, warnings } = await manager.plan(name, { drift: 'full' });
      expect(steps).toStrictEqual([]);
      expect(warnings.filter(({ type }) => type === 'drift')).toStrictEqual([]);
    }
    const canary = { providerOptions: { aws: { canary: { weight: 0.5 } } } };
    const { timeoutSeconds = 10 } = PLAIN_ROUTE;
    const spec = { source: SOURCE, timeoutSeconds, events: [{ type: 'http' }], ...canary } as const;
    await manager.deploy('route', { spec });
    expect((await manager.plan('route', { spec, drift: 'full' })).steps).toStrictEqual([]);
    for (const name of ['pulled', 'pushed', 'route'] as const) await manager.remove(name);
  });
});

describe('a full reading finds and mends', () => {
  it('a statement of the policy that is gone', async () => {
    const manager = await deployed('policy', { source: SOURCE, events: [TOPIC] });
    const lambda = await (await hand(stage)).lambda();
    const { Policy } = await lambda.getPolicy(live('policy'));
    const [{ Sid }]: [{ Sid: string }] = JSON.parse(Policy ?? '{}').Statement;
    await lambda.removePermission({ ...live('policy'), StatementId: Sid });
    expect(await mended(manager, 'policy')).toStrictEqual(['functions.policy.events.t']);
  });

  it('a mapping that is gone, switched off, or set to something else', async () => {
    const event: EventSpec = { type: 'queue', id: 'q', queue: 'mapped', create: true };
    const manager = await deployed('mapped', { source: SOURCE, events: [event] });
    const lambda = await (await hand(stage)).lambda();
    const mapping = async () => {
      const found = await lambda.listEventSourceMappings({ FunctionName: aliasArn('mapped') });
      return found.EventSourceMappings?.[0]?.UUID;
    };
    const settled = (state: string | undefined) =>
      stage.until(`the mapping is ${state ?? 'gone'}`, async () => {
        const found = await lambda.listEventSourceMappings({ FunctionName: aliasArn('mapped') });
        return found.EventSourceMappings?.[0]?.State === state;
      });
    await lambda.updateEventSourceMapping({ UUID: await mapping(), BatchSize: 3 });
    await settled('Enabled');
    expect(await mended(manager, 'mapped')).toStrictEqual(['functions.mapped.events.q']);
    await lambda.updateEventSourceMapping({ UUID: await mapping(), Enabled: false });
    await settled('Disabled');
    expect(await mended(manager, 'mapped')).toStrictEqual(['functions.mapped.events.q']);
    await lambda.deleteEventSourceMapping({ UUID: await mapping() });
    await settled(undefined);
    expect(await mended(manager, 'mapped')).toStrictEqual(['functions.mapped.events.q']);
  });

  it('a mapping that filters, or holds instances back', async () => {
    const event: EventSpec = { type: 'queue', id: 'q', queue: 'filtered', create: true };
    const manager = await deployed('filtered', { source: SOURCE, events: [event] });
    const lambda = await (await hand(stage)).lambda();
    const found = await lambda.listEventSourceMappings({ FunctionName: aliasArn('filtered') });
    const UUID = found.EventSourceMappings?.[0]?.UUID;
    const mapping = () => lambda.getEventSourceMapping({ UUID });
    for (const meddled of [
      { FilterCriteria: { Filters: [{ Pattern: '{"body":{"a":["b"]}}' }] } },
      { ScalingConfig: { MaximumConcurrency: 2 } },
    ]) {
      await lambda.updateEventSourceMapping({ UUID, ...meddled });
      await stage.until('the mapping is on', async () => (await mapping()).State === 'Enabled');
      expect(await mended(manager, 'filtered')).toStrictEqual(['functions.filtered.events.q']);
    }
    const { FilterCriteria, ScalingConfig } = await mapping();
    expect(FilterCriteria?.Filters ?? []).toStrictEqual([]);
    expect(ScalingConfig?.MaximumConcurrency).toBeUndefined();
  });

  it('a queue of ours that gives up no messages, hides them too shortly, or is gone; and that of its dead letters', async () => {
    const event: EventSpec = {
      type: 'queue',
      id: 'q',
      queue: 'kept',
      create: true,
      deadLetter: 'kept-dead',
      retry: { maxAttempts: 3 },
    };
    const manager = await deployed('kept', { source: SOURCE, events: [event] });
    const sqs = await (await hand(stage)).sqs();
    const url = async (QueueName: string) => ({
      QueueUrl: (await sqs.getQueueUrl({ QueueName })).QueueUrl,
    });
    const broken = [
      async () =>
        sqs.setQueueAttributes({ ...(await url('kept')), Attributes: { RedrivePolicy: '' } }),
      async () =>
        sqs.setQueueAttributes({ ...(await url('kept')), Attributes: { VisibilityTimeout: '1' } }),
      async () => sqs.deleteQueue(await url('kept-dead')),
      async () => sqs.deleteQueue(await url('kept')),
    ];
    for (const breakIt of broken) {
      await breakIt();
      await stage.clock.advance(120_000);
      expect(await mended(manager, 'kept')).toStrictEqual(['functions.kept.events.q']);
    }
  });

  it('what the role of schedules may do', async () => {
    const event: EventSpec = { type: 'schedule', id: 's', every: '5 minutes' };
    const manager = await deployed('allowed', { source: SOURCE, events: [event] });
    const iam = await (await hand(stage)).iam();
    const RoleName = 'polyfaas-shop-dev-allowed-eu-central-1-scheduler';
    await iam.deleteRolePolicy({ RoleName, PolicyName: 'polyfaas' });
    expect(await mended(manager, 'allowed')).toStrictEqual(['functions.allowed.events.s']);
  });

  it('pings, and the boundary of the roles of pings and schedules', async () => {
    const name = 'pinged';
    const permissionsBoundaryArn = 'arn:aws:iam::123456789012:policy/bound';
    const manager = await stage.manager({
      functions: {
        [name]: {
          source: SOURCE,
          events: [{ type: 'schedule', id: 's', every: '5 minutes' }],
          providerOptions: { aws: { keepWarm: { everyMinutes: 5 } } },
        },
      },
      providerOptions: { aws: { permissionsBoundaryArn } },
    });
    await manager.deploy(name);
    const clients = await hand(stage);
    const iam = await clients.iam();
    const scheduler = await clients.scheduler();
    const { Schedules = [] } = await scheduler.listSchedules({
      NamePrefix: `polyfaas-warm-shop-dev-${name}`,
    });
    expect(Schedules).toHaveLength(1);
    await scheduler.deleteSchedule({ Name: Schedules[0]?.Name });
    expect(await mended(manager, name)).toStrictEqual([]);
    for (const use of ['sched', 'scheduler']) {
      const RoleName = `polyfaas-shop-dev-${name}-eu-central-1-${use}`;
      await iam.deleteRolePermissionsBoundary({ RoleName });
      await mended(manager, name);
      const { Role } = await iam.getRole({ RoleName });
      expect(Role?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(permissionsBoundaryArn);
    }
  });

  it('asks once for what several of its events share', async () => {
    const ids = ['1', '2', '3'];
    const events = ids.flatMap((id): EventSpec[] => [
      { type: 'schedule', id: `s${id}`, every: '5 minutes' },
      { type: 'object', id: `o${id}`, bucket: 'shop-many', create: true, prefix: `${id}/` },
    ]);
    const manager = await deployed('many', { source: SOURCE, events });
    const calls = await stage.during(() => manager.plan('many', { drift: 'full' }));
    const count = (name: string) => calls.filter((call) => call === name).length;
    expect(count('s3:GetBucketNotificationConfiguration')).toBe(1);
    // One is the role of the function itself.
    expect(count('iam:GetRole')).toBe(2);
  });

  it('a subscription that ended, or filters otherwise', async () => {
    const manager = await deployed('subscribed', { source: SOURCE, events: [TOPIC] });
    const sns = await (await hand(stage)).sns();
    const topic = { TopicArn: 'arn:aws:sns:eu-central-1:123456789012:users' };
    const own = async () => {
      const { Subscriptions } = await sns.listSubscriptionsByTopic(topic);
      const found = Subscriptions?.find(({ Endpoint }) => Endpoint === aliasArn('subscribed'));
      return { SubscriptionArn: found?.SubscriptionArn };
    };
    await sns.setSubscriptionAttributes({
      ...(await own()),
      AttributeName: 'FilterPolicy',
      AttributeValue: '{"kind":["none"]}',
    });
    expect(await mended(manager, 'subscribed')).toStrictEqual(['functions.subscribed.events.t']);
    await sns.unsubscribe(await own());
    expect(await mended(manager, 'subscribed')).toStrictEqual(['functions.subscribed.events.t']);
  });

  it('a rule, its pattern and its target', async () => {
    const event: EventSpec = { type: 'bus', id: 'b', pattern: { source: ['orders'] } };
    const manager = await deployed('ruled', { source: SOURCE, events: [event] });
    const bridge = await (await hand(stage)).eventbridge();
    const { Rules } = await bridge.listRules({ NamePrefix: 'shop-dev-ruled-' });
    const Name = Rules?.[0]?.Name;
    await bridge.putRule({ Name, EventPattern: '{"source":["nobody"]}' });
    expect(await mended(manager, 'ruled')).toStrictEqual(['functions.ruled.events.b']);
    await bridge.removeTargets({ Rule: Name, Ids: ['live'] });
    expect(await mended(manager, 'ruled')).toStrictEqual(['functions.ruled.events.b']);
    await bridge.removeTargets({ Rule: Name, Ids: ['live'] });
    await bridge.deleteRule({ Name });
    expect(await mended(manager, 'ruled')).toStrictEqual(['functions.ruled.events.b']);
  });

  it('a schedule, and the role that it takes', async () => {
    const event: EventSpec = { type: 'schedule', id: 's', every: '5 minutes' };
    const manager = await deployed('timed', { source: SOURCE, events: [event] });
    const clients = await hand(stage);
    const scheduler = await clients.scheduler();
    const { Schedules } = await scheduler.listSchedules({ NamePrefix: 'shop-dev-timed-' });
    const Name = Schedules?.[0]?.Name;
    await scheduler.deleteSchedule({ Name });
    expect(await mended(manager, 'timed')).toStrictEqual(['functions.timed.events.s']);
    const iam = await clients.iam();
    const RoleName = 'polyfaas-shop-dev-timed-eu-central-1-scheduler';
    await iam.deleteRolePolicy({ RoleName, PolicyName: 'polyfaas' });
    await iam.deleteRole({ RoleName });
    expect(await mended(manager, 'timed')).toStrictEqual(['functions.timed.events.s']);
  });

  it('the entries of a bucket', async () => {
    const event: EventSpec = { type: 'object', id: 'o', bucket: 'shop-drift', create: true };
    const manager = await deployed('stored', { source: SOURCE, events: [event] });
    const s3 = await (await hand(stage)).s3();
    await s3.putBucketNotificationConfiguration({
      Bucket: 'shop-drift',
      NotificationConfiguration: {},
    });
    expect(await mended(manager, 'stored')).toStrictEqual(['functions.stored.events.o']);
  });

  it('the URL of the function', async () => {
    const manager = await deployed('opened', {
      source: SOURCE,
      events: [{ type: 'http', id: 'h' }],
    });
    const lambda = await (await hand(stage)).lambda();
    await lambda.updateFunctionUrlConfig({ ...live('opened'), AuthType: 'AWS_IAM' });
    expect(await mended(manager, 'opened')).toStrictEqual(['functions.opened.events.h']);
    await lambda.updateFunctionUrlConfig({
      ...live('opened'),
      Cors: { AllowOrigins: ['https://example.org'] },
    });
    expect(await mended(manager, 'opened')).toStrictEqual(['functions.opened.events.h']);
    await lambda.deleteFunctionUrlConfig(live('opened'));
    expect(await mended(manager, 'opened')).toStrictEqual(['functions.opened.events.h']);
  });

  it('an API, its routes and its stage', async () => {
    const events: readonly EventSpec[] = [
      { type: 'http', id: 'h', method: 'GET', path: '/a', rateLimit: { requestsPerSecond: 5 } },
    ];
    const manager = await deployed('routed', { source: SOURCE, events });
    const gateway = await (await hand(stage)).apigateway();
    const apiId = async (): Promise<string | undefined> => {
      const { Items } = await gateway.getApis({});
      return Items?.find(({ Name }) => Name === 'shop-dev-routed')?.ApiId;
    };
    const ApiId = await apiId();
    const routes = await gateway.getRoutes({ ApiId });
    const route = routes.Items?.find(({ RouteKey }) => RouteKey === 'GET /a');
    await gateway.updateStage({
      ApiId,
      StageName: '$default',
      RouteSettings: { 'GET /a': { ThrottlingBurstLimit: 900, ThrottlingRateLimit: 900 } },
    });
    expect(await mended(manager, 'routed')).toStrictEqual(['functions.routed.events.h']);
    await gateway.deleteRouteSettings({ ApiId, StageName: '$default', RouteKey: 'GET /a' });
    await gateway.deleteRoute({ ApiId, RouteId: route?.RouteId });
    expect(await mended(manager, 'routed')).toStrictEqual(['functions.routed.events.h']);
    await gateway.deleteApi({ ApiId });
    expect(await mended(manager, 'routed')).toStrictEqual(['functions.routed.events.h']);
    expect(await apiId()).not.toBe(ApiId);
  });
});
