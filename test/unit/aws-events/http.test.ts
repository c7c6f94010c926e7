import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRoutePolicy } from '../../../providers/aws/route-policy.ts';
import { CORS, http } from './bindings.ts';
import { EventWorld, type EventFunction } from './world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

async function apis() {
  const apigateway = await world.observer.apigateway();
  const { Items = [] } = await apigateway.getApis({});
  return Promise.all(
    Items.map(async ({ ApiId, Name, ApiEndpoint }) => {
      const routes = (await apigateway.getRoutes({ ApiId })).Items ?? [];
      const authorizers = (await apigateway.getAuthorizers({ ApiId })).Items ?? [];
      const stage = await apigateway.getStage({ ApiId, StageName: '$default' });
      return {
        id: ApiId ?? '',
        name: Name,
        url: ApiEndpoint,
        routes: new Map(routes.map((route) => [route.RouteKey, route])),
        authorizers,
        stage,
      };
    }),
  );
}

function keysOf(api: { readonly routes: ReadonlyMap<string | undefined, unknown> } | undefined) {
  return [...(api?.routes.keys() ?? [])].map(String).toSorted();
}

async function urlOf(fn: EventFunction): Promise<string | undefined> {
  const lambda = await world.observer.lambda();
  const name = { FunctionName: fn.target.physicalName, Qualifier: 'live' };
  return lambda.getFunctionUrlConfig(name).then(
    ({ FunctionUrl }) => FunctionUrl,
    () => undefined,
  );
}

const JWT = {
  issuer: 'https://login.example',
  audience: ['orders'],
  jwksUri: 'https://login.example/.well-known/jwks.json',
};

describe('routes', () => {
  it('of one plain binding are the URL of the function, open to everybody', async () => {
    const before = world.fake.inventory();
    const fn = await world.function('plain');
    await fn.bind([http('h')]);
    expect(fn.record.url).toBe((await urlOf(fn))?.replace(/\/$/, ''));
    const lambda = await world.observer.lambda();
    const { Policy = '' } = await lambda.getPolicy({
      FunctionName: fn.target.physicalName,
      Qualifier: 'live',
    });
    expect(Policy).toContain('lambda:InvokeFunctionUrl');
    expect(Policy).toContain('lambda:InvokedViaFunctionUrl');
    await fn.remove();
    expect(world.fake.inventory()).toEqual(before);
  });

  it('of an API are made, guarded, limited, changed, and taken away again', async () => {
    const before = world.fake.inventory();
    const fn = await world.function('orders');
    await fn.bind([
      http('r', { methods: ['GET'], path: '/orders/{id}', cors: CORS }),
      http('w', {
        methods: ['POST'],
        path: '/orders',
        jwt: { ...JWT, scopes: ['a', 'b'] },
        rateLimit: { requestsPerSecond: 0.5, burst: 2 },
        maxBodyBytes: 1000,
      }),
    ]);
    const [first, ...more] = await apis();
    expect(more).toEqual([]);
    expect(fn.record.url).toBe(first?.url);
    expect(keysOf(first)).toEqual([
      'ANY /orders',
      'ANY /orders/{id}',
      'GET /orders/{id}',
      'HEAD /orders/{id}',
      'OPTIONS /orders/{id}',
      'POST /orders',
    ]);
    expect(first?.authorizers).toMatchObject([
      { JwtConfiguration: { Issuer: JWT.issuer, Audience: JWT.audience } },
    ]);
    expect(first?.routes.get('POST /orders')).toMatchObject({
      AuthorizationType: 'JWT',
      AuthorizerId: first?.authorizers[0]?.AuthorizerId,
      AuthorizationScopes: ['a', 'b'],
    });
    expect(first?.routes.get('ANY /orders')?.AuthorizationType).toBe('NONE');
    expect(first?.stage.RouteSettings).toEqual({
      'POST /orders': { ThrottlingBurstLimit: 2, ThrottlingRateLimit: 0.5 },
    });
    const variables = first?.stage.StageVariables;
    expect(readRoutePolicy(variables, 'POST /orders')).toMatchObject({
      binding: 'w',
      maxBodyBytes: 1000,
      scopes: ['a', 'b'],
    });
    expect(readRoutePolicy(variables, 'OPTIONS /orders/{id}')).toMatchObject({
      binding: 'r',
      answers: 'preflight',
    });
    const caller = {
      principal: 'apigateway.amazonaws.com',
      sourceArn: `arn:aws:execute-api:eu-central-1:${world.fake.world.account}:${first?.id}/$default/POST/orders`,
    };
    expect(world.fake.world.lambda.allows(fn.alias, caller)).toBe(true);

    // Fewer routes, no token, no limit: what is too much goes.
    await fn.bind([http('w', { methods: ['POST'], path: '/orders', maxBodyBytes: 10 })]);
    const [second] = await apis();
    expect(second?.id).toBe(first?.id);
    expect(keysOf(second)).toEqual(['ANY /orders', 'POST /orders']);
    expect(second?.authorizers).toEqual([]);
    expect(second?.stage.RouteSettings ?? {}).toEqual({});
    expect(second?.routes.get('POST /orders')?.AuthorizationType).toBe('NONE');
    expect(readRoutePolicy(second?.stage.StageVariables, 'POST /orders')?.maxBodyBytes).toBe(10);
    expect(fn.record.url).toBe(first?.url);
    await fn.remove();
    expect(world.fake.inventory()).toEqual(before);
  });

  it('that stay as they are cost no call that changes anything', async () => {
    const wished = [http('h', { path: '/a', rateLimit: { requestsPerSecond: 5, burst: 5 } })];
    const fn = await world.function('calm');
    await fn.bind(wished);
    fn.record = { ...fn.record, pending: ['h'] };
    const writes = world.fake.faults.writes;
    await fn.bind(wished);
    expect(world.fake.faults.writes).toBe(writes);
    await fn.remove();
  });

  it('move from one front to the other and back', async () => {
    const before = world.fake.inventory();
    const fn = await world.function('mover');
    await fn.bind([http('h')]);
    const url = fn.record.url;
    await fn.bind([http('h'), http('i', { methods: ['GET'], path: '/i' })]);
    expect(await urlOf(fn)).toBeUndefined();
    expect(fn.record.url).not.toBe(url);
    expect(await apis()).toHaveLength(1);
    await fn.bind([http('h')]);
    expect(await apis()).toHaveLength(0);
    expect(await urlOf(fn)).toBeDefined();
    await fn.bind([http('h', { enabled: false })]);
    expect(await urlOf(fn)).toBeUndefined();
    expect(fn.record.url).toBeNull();
    await fn.remove();
    expect(world.fake.inventory()).toEqual(before);
  });

  it('of many bindings are made in turns', async () => {
    const fn = await world.function('many');
    await fn.bind(
      Array.from({ length: 30 }, (_, index) =>
        http(`h${index}`, { methods: ['POST'], path: `/path-${index}` }),
      ),
    );
    const [api] = await apis();
    expect(api?.routes.size).toBe(60);
    expect(readRoutePolicy(api?.stage.StageVariables, 'POST /path-29')?.binding).toBe('h29');
    await fn.remove();
  });

  it('leave APIs of strangers with the same name alone', async () => {
    const apigateway = await world.observer.apigateway();
    const theirs = await apigateway.createApi({ Name: 'shop-dev-twin', ProtocolType: 'HTTP' });
    const fn = await world.function('twin');
    await fn.bind([http('h', { path: '/a' })]);
    expect(fn.record.url).not.toBe(theirs.ApiEndpoint);
    await fn.remove();
    await expect(apigateway.getApi({ ApiId: theirs.ApiId })).resolves.toBeDefined();
  });
});
