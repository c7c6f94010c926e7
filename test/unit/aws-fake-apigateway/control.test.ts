import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure, REGION } from '../aws-fake-lambda/support.ts';
import { makeApi, startGateway, type SmallApi, type SmallGateway } from './support.ts';

let g: SmallGateway;
let api: SmallApi;
beforeEach(async () => {
  g = await startGateway();
  api = await makeApi(g);
});
afterEach(() => g.stop());

describe('APIs', () => {
  it('are made, read, changed, listed and deleted', async () => {
    const { ApiId } = api;
    await g.client.updateApi({ ApiId, Description: 'mine' });
    const read = await g.client.getApi({ ApiId });
    expect(read).toMatchObject({ Name: 'shop', Description: 'mine', ProtocolType: 'HTTP' });
    expect(read.CreatedDate?.getTime()).toBe(g.aws.clock.now());
    expect((await g.client.getApis({})).Items?.map((one) => one.ApiId)).toEqual([ApiId]);
    await g.client.deleteApi({ ApiId });
    expect(g.gateway.inventory()).toEqual([]);
    expect(await failure(g.client.getApi({ ApiId }))).toMatchObject({
      name: 'NotFoundException',
      status: 404,
    });
    await expect(fetch(api.url)).rejects.toThrow('fetch failed');
  });

  it('have tags', async () => {
    const ResourceArn = `arn:aws:apigateway:${REGION}::/apis/${api.ApiId}`;
    await g.client.tagResource({ ResourceArn, Tags: { a: '1', b: '2' } });
    await g.client.untagResource({ ResourceArn, TagKeys: ['a'] });
    expect((await g.client.getTags({ ResourceArn })).Tags).toEqual({ b: '2' });
    expect((await g.client.getApi({ ApiId: api.ApiId })).Tags).toEqual({ b: '2' });
  });

  it('refuse credentials for any origin', async () => {
    const CorsConfiguration = { AllowCredentials: true, AllowOrigins: ['*'] };
    const update = g.client.updateApi({ ApiId: api.ApiId, CorsConfiguration });
    expect(await failure(update)).toMatchObject({ name: 'BadRequestException', status: 400 });
  });
});

describe('routes and integrations', () => {
  it('refuse a key twice, and one that is none', async () => {
    const { ApiId, Target } = api;
    await g.client.createRoute({ ApiId, RouteKey: 'GET /a/{id}', Target });
    expect(
      await failure(g.client.createRoute({ ApiId, RouteKey: 'GET /a/{id}', Target })),
    ).toMatchObject({ name: 'ConflictException', status: 409 });
    for (const RouteKey of ['get /a', 'GET a', '/a', 'GET /{rest+}/b', 'GET /a b']) {
      expect(await failure(g.client.createRoute({ ApiId, RouteKey, Target }))).toMatchObject({
        name: 'BadRequestException',
      });
    }
    const { Items } = await g.client.getRoutes({ ApiId });
    expect(Items?.map((route) => route.RouteKey)).toEqual(['GET /a/{id}']);
  });

  it('refuse a target that is not there, and the end of one that is used', async () => {
    const { ApiId, Target } = api;
    const wrong = g.client.createRoute({ ApiId, RouteKey: 'GET /', Target: 'integrations/none1' });
    expect(await failure(wrong)).toMatchObject({ name: 'NotFoundException' });
    const { RouteId } = await g.client.createRoute({ ApiId, RouteKey: 'GET /', Target });
    const IntegrationId = Target.split('/')[1];
    const end = { ApiId, IntegrationId };
    expect(await failure(g.client.deleteIntegration(end))).toMatchObject({
      name: 'ConflictException',
    });
    await g.client.deleteRoute({ ApiId, RouteId });
    await g.client.deleteIntegration(end);
    expect((await g.client.getIntegrations({ ApiId })).Items).toEqual([]);
  });

  it('refuse a timeout over 30 seconds', async () => {
    const IntegrationId = api.Target.split('/')[1];
    const update = { ApiId: api.ApiId, IntegrationId, TimeoutInMillis: 30_001 };
    expect(await failure(g.client.updateIntegration(update))).toMatchObject({
      name: 'BadRequestException',
    });
  });
});

describe('stages', () => {
  it('have settings for routes that are there only', async () => {
    const { ApiId, Target } = api;
    const RouteSettings = { 'GET /a': { ThrottlingBurstLimit: 1, ThrottlingRateLimit: 1 } };
    const update = { ApiId, StageName: '$default', RouteSettings };
    const told = await failure(g.client.updateStage(update));
    expect(told.message).toContain('Unable to find Route by key GET /a');
    await g.client.createRoute({ ApiId, RouteKey: 'GET /a', Target });
    expect((await g.client.updateStage(update)).RouteSettings).toEqual(RouteSettings);
    await g.client.deleteRouteSettings({ ApiId, StageName: '$default', RouteKey: 'GET /a' });
    const read = await g.client.getStage({ ApiId, StageName: '$default' });
    expect(read.RouteSettings).toEqual({});
  });

  it('have variables of few characters, and an empty one goes', async () => {
    const stage = { ApiId: api.ApiId, StageName: '$default' };
    await g.client.updateStage({ ...stage, StageVariables: { a: 'x-._~:/?#&=,', b: '1' } });
    const changed = await g.client.updateStage({ ...stage, StageVariables: { b: '' } });
    expect(changed.StageVariables).toEqual({ a: 'x-._~:/?#&=,' });
    for (const StageVariables of [
      { a: 'x y' },
      { a: '{}' },
      { a: 'x'.repeat(513) },
      { 'a-b': 'x' },
    ]) {
      expect(await failure(g.client.updateStage({ ...stage, StageVariables }))).toMatchObject({
        name: 'BadRequestException',
      });
    }
  });

  it('are made once', async () => {
    const again = g.client.createStage({ ApiId: api.ApiId, StageName: '$default' });
    expect(await failure(again)).toMatchObject({ name: 'ConflictException', status: 409 });
  });

  it('serve what was deployed, where they do not deploy by themselves', async () => {
    const { ApiId, Target, url } = api;
    await g.client.createStage({ ApiId, StageName: 'test' });
    await g.client.createRoute({ ApiId, RouteKey: 'GET /a', Target });
    expect((await fetch(`${url}/test/a`)).status).toBe(404);
    await g.client.createDeployment({ ApiId, StageName: 'test' });
    const reply = await fetch(`${url}/test/a`);
    expect(await reply.json()).toMatchObject({
      rawPath: '/test/a',
      requestContext: { stage: 'test' },
    });
    await g.client.createRoute({ ApiId, RouteKey: 'GET /b', Target });
    expect((await fetch(`${url}/test/b`)).status).toBe(404);
  });
});

describe('authorizers', () => {
  it('refuse an issuer that cannot be asked for its keys', async () => {
    const made = g.client.createAuthorizer({
      ApiId: api.ApiId,
      AuthorizerType: 'JWT',
      Name: 'jwt',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: 'http://127.0.0.1:9', Audience: ['a'] },
    });
    expect((await failure(made)).message).toContain('.well-known/openid-configuration');
  });

  it('are needed for a route with tokens', async () => {
    const { ApiId, Target } = api;
    const route = { ApiId, RouteKey: 'GET /a', Target, AuthorizationType: 'JWT' } as const;
    for (const AuthorizerId of [undefined, 'none12']) {
      expect(await failure(g.client.createRoute({ ...route, AuthorizerId }))).toMatchObject({
        name: 'BadRequestException',
      });
    }
  });
});
