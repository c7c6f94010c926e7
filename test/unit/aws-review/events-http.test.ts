import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planBindings } from '../../../providers/aws/events/plan.ts';
import { http, wish } from '../aws-events/bindings.ts';
import { EventWorld, type EventFunction } from '../aws-events/world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

async function apiOf(fn: EventFunction): Promise<string> {
  const apigateway = await world.observer.apigateway();
  const { Items = [] } = await apigateway.getApis({});
  return Items.find(({ Name }) => Name === fn.target.physicalName)?.ApiId ?? '';
}

/** A route that somebody adds by hand to an API of ours. */
async function addRoute(ApiId: string, RouteKey: string): Promise<void> {
  const apigateway = await world.observer.apigateway();
  const { IntegrationId } = await apigateway.createIntegration({
    ApiId,
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: 'arn:aws:lambda:eu-central-1:123456789012:function:theirs',
    PayloadFormatVersion: '2.0',
  });
  const { AuthorizerId } = await apigateway.createAuthorizer({
    ApiId,
    AuthorizerType: 'JWT',
    Name: 'theirs',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'https://their.example', Audience: ['theirs'] },
  });
  await apigateway.createRoute({
    ApiId,
    RouteKey,
    Target: `integrations/${IntegrationId}`,
    AuthorizationType: 'JWT',
    AuthorizerId,
  });
  await apigateway.updateStage({
    ApiId,
    StageName: '$default',
    RouteSettings: { [RouteKey]: { ThrottlingBurstLimit: 7, ThrottlingRateLimit: 7 } },
  });
}

describe('what somebody added to the API', () => {
  it('stays, with its authorizer and its limits, when our routes change', async () => {
    const fn = await world.function('mixed');
    const limited = { rateLimit: { requestsPerSecond: 5, burst: 5 } };
    await fn.bind([http('a', { path: '/a', ...limited }), http('b', { path: '/b', ...limited })]);
    const ApiId = await apiOf(fn);
    await addRoute(ApiId, 'GET /theirs');
    await fn.bind([http('a', { path: '/a' })]);
    const apigateway = await world.observer.apigateway();
    const { Items: routes = [] } = await apigateway.getRoutes({ ApiId });
    expect(new Set(routes.map(({ RouteKey }) => RouteKey))).toEqual(
      new Set(['ANY /a', 'GET /theirs']),
    );
    const { Items: authorizers } = await apigateway.getAuthorizers({ ApiId });
    expect(authorizers).toMatchObject([{ Name: 'theirs' }]);
    const stage = await apigateway.getStage({ ApiId, StageName: '$default' });
    expect(Object.keys(stage.RouteSettings ?? {})).toEqual(['GET /theirs']);
    await fn.remove();
  });

  it('is not taken over by a route of ours', async () => {
    const fn = await world.function('taken');
    await fn.bind([http('a', { path: '/a' })]);
    await addRoute(await apiOf(fn), 'GET /b');
    await expect(
      fn.bind([http('a', { path: '/a' }), http('b', { methods: ['GET'], path: '/b' })]),
    ).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      message: expect.stringContaining('"GET /b"'),
    });
    await fn.remove();
  });
});

describe('a URL that somebody opened', () => {
  it('is left alone when an interrupted change is cleaned up', async () => {
    const fn = await world.function('private');
    const lambda = await world.observer.lambda();
    const name = { FunctionName: fn.target.physicalName, Qualifier: 'live' };
    await lambda.createFunctionUrlConfig({ ...name, AuthType: 'AWS_IAM' });
    fn.record = { ...fn.record, pending: ['gone'] };
    await fn.bind([]);
    await expect(lambda.getFunctionUrlConfig(name)).resolves.toMatchObject({ AuthType: 'AWS_IAM' });
    fn.record = { ...fn.record, pending: ['gone'] };
    await fn.unbindAll();
    await expect(lambda.getFunctionUrlConfig(name)).resolves.toBeDefined();
  });
});

describe('http events are refused before anything is done', () => {
  const planned =
    (...bindings: ReturnType<typeof http>[]) =>
    () =>
      planBindings(wish(bindings));

  it('when two of them match the same requests', () => {
    const one = http('one', { methods: ['GET', 'POST'], path: '/a/{id}' });
    const two = http('two', { methods: ['POST'], path: '/a/{name}' });
    expect(planned(one, two)).toThrow(/events\.two: "POST \/a\/\{name\}" .*"one"/);
    expect(planned(one, http('two', { methods: ['PUT'], path: '/a/{id}' }))).not.toThrow();
    expect(planned(one, http('two', { methods: ['GET'], path: '/a/{id+}' }))).not.toThrow();
    expect(
      planned(one, http('two', { methods: ['POST'], path: '/a/{name}', enabled: false })),
    ).not.toThrow();
  });

  it('when they take more routes than an API has', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        http(`h${index}`, { methods: ['GET'], path: `/${index}` }),
      );
    // Each takes three: GET, HEAD, and one that says 405.
    expect(planned(...many(100))).not.toThrow();
    expect(planned(...many(101))).toThrow(/303 routes .* at most 300/);
  });

  it('when they take more authorizers than an API has', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => {
        const issuer = `https://login-${index}.example`;
        return http(`h${index}`, {
          path: `/${index}`,
          jwt: { issuer, audience: ['a'], jwksUri: `${issuer}/.well-known/jwks.json` },
        });
      });
    expect(planned(...many(10))).not.toThrow();
    expect(planned(...many(11))).toThrow(/11 authorizers .* at most 10/);
  });
});
