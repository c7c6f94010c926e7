import { VercelCore } from '@vercel/sdk/core.js';
import { deploymentsDeleteDeployment } from '@vercel/sdk/funcs/deploymentsDeleteDeployment.js';
import { deploymentsGetDeployment } from '@vercel/sdk/funcs/deploymentsGetDeployment.js';
import { deploymentsGetDeployments } from '@vercel/sdk/funcs/deploymentsGetDeployments.js';
import { projectsRequestPromote } from '@vercel/sdk/funcs/projectsRequestPromote.js';
import { projectsRequestRollback } from '@vercel/sdk/funcs/projectsRequestRollback.js';
import { describe, expect, it } from 'vitest';
import { call, deploy, outputOf, startTeam, textAt, valueAt, type Team } from './support.ts';

const STAGED = { autoAssignCustomDomains: false };

async function startOrders() {
  const team = await startTeam();
  const project = team.world.store.create('orders');
  const promoted: string[] = [];
  const deleted: string[] = [];
  team.world.projects.onPromoted(({ id }) => promoted.push(id));
  team.world.projects.onDeleted((id) => deleted.push(id));
  const current = () => team.world.projects.productionOf(project.id)?.id;
  return { team, project, promoted, deleted, current };
}

const promote = (team: Team, id: string, project = 'orders') =>
  call(team, 'POST', `/v10/projects/${project}/promote/${id}`, { body: {} });
const rollBack = (team: Team, id: string, version = 'v1') =>
  call(team, 'POST', `/${version}/projects/orders/rollback/${id}`, { body: {} });

describe('promotion', () => {
  it('gives a staged deployment the addresses of production, when it has ended', async () => {
    const { team, project, promoted, current } = await startOrders();
    const first = await deploy(team);
    const second = await deploy(team, outputOf('export default () => 2;'), STAGED);
    const [alias = ''] = project.aliases;
    const staged = await call(team, 'GET', `/v13/deployments/${second}`);
    expect(staged.body).toMatchObject({ readyState: 'READY', readySubstate: 'STAGED', alias: [] });
    expect(current()).toBe(first);

    expect(await promote(team, second)).toEqual({ status: 201, body: undefined });
    const during = await call(team, 'GET', '/v9/projects/orders?rollbackInfo=true');
    expect(during.body).toMatchObject({
      lastAliasRequest: {
        jobStatus: 'in-progress',
        fromDeploymentId: first,
        toDeploymentId: second,
        type: 'promote',
      },
    });
    expect(current()).toBe(first);
    expect((await promote(team, second)).status).toBe(409);

    await team.clock.advance(1_500);
    expect(current()).toBe(second);
    expect(team.world.projects.deploymentOfHost(alias)?.deployment.id).toBe(second);
    expect(promoted).toEqual([first, second]);
    const after = await call(team, 'GET', '/v9/projects/orders?rollbackInfo=true');
    expect(after.body).toMatchObject({
      lastAliasRequest: { jobStatus: 'succeeded' },
      targets: { production: { id: second, readySubstate: 'PROMOTED' } },
    });
    expect(project.aliases).toEqual([alias]);
  });

  it('is refused for what cannot be in production', async () => {
    const { team } = await startOrders();
    team.world.store.create('others');
    const first = await deploy(team);
    const preview = await deploy(team, outputOf('export default () => 2;'), { target: undefined });
    team.world.failingBuilds.set('bad', 'No.');
    const failed = await deploy(team, outputOf(), { meta: { digest: 'bad' } });

    expect(await promote(team, first)).toMatchObject({
      status: 409,
      body: {
        error: {
          message: `The provided deploymentId (${first}) is already the current production deployment.`,
        },
      },
    });
    expect((await promote(team, preview)).status).toBe(400);
    expect((await promote(team, failed)).status).toBe(400);
    expect((await promote(team, first, 'others')).status).toBe(404);
    expect((await promote(team, first, 'nobody')).status).toBe(404);
    expect((await promote(team, 'dpl_none')).status).toBe(404);
  });

  it('fails when its deployment is deleted meanwhile', async () => {
    const { team, project, current } = await startOrders();
    const first = await deploy(team);
    const second = await deploy(team, outputOf('export default () => 2;'), STAGED);
    await promote(team, second);
    await call(team, 'DELETE', `/v13/deployments/${second}`);
    await team.clock.advance(1_500);
    expect(project.aliasRequest?.jobStatus()).toBe('failed');
    expect(current()).toBe(first);
  });
});

describe('rollback', () => {
  it('gives production back, and keeps it there until a promotion', async () => {
    const { team, project, current } = await startOrders();
    const first = await deploy(team);
    const second = await deploy(team, outputOf('export default () => 2;'));
    expect(current()).toBe(second);

    expect(await rollBack(team, first, 'v9')).toEqual({ status: 201, body: undefined });
    expect(project.aliasRequest).toMatchObject({ type: 'rollback', fromDeploymentId: second });
    await team.clock.advance(1_500);
    expect(current()).toBe(first);

    const third = await deploy(team, outputOf('export default () => 3;'));
    expect(current()).toBe(first);
    await promote(team, third);
    await team.clock.advance(1_500);
    expect(current()).toBe(third);
    const fourth = await deploy(team, outputOf('export default () => 4;'));
    expect(current()).toBe(fourth);
  });

  it('goes only to what was in production', async () => {
    const { team } = await startOrders();
    const first = await deploy(team);
    const staged = await deploy(team, outputOf('export default () => 2;'), STAGED);
    expect((await rollBack(team, staged)).status).toBe(422);
    expect((await rollBack(team, first)).status).toBe(422);
    expect((await rollBack(team, 'dpl_none')).status).toBe(404);
  });

  it('goes back one deployment only on the hobby plan', async () => {
    const { team, current } = await startOrders();
    team.world.plan.tier = 'hobby';
    const first = await deploy(team);
    const second = await deploy(team, outputOf('export default () => 2;'));
    await deploy(team, outputOf('export default () => 3;'));
    expect(await rollBack(team, first)).toMatchObject({
      status: 402,
      body: { error: { message: expect.stringContaining('upgrade to pro') } },
    });
    expect((await rollBack(team, second)).status).toBe(201);
    await team.clock.advance(1_500);
    expect(current()).toBe(second);
  });
});

describe('deployments that are there', () => {
  it('are listed, newest first, by what is asked for', async () => {
    const { team } = await startOrders();
    team.world.store.create('others');
    const meta = { polyfaasDigest: 'a' };
    const first = await deploy(team, outputOf(), { meta });
    const second = await deploy(team, outputOf(), STAGED);
    const preview = await deploy(team, outputOf(), { target: undefined });
    await deploy(team, outputOf(), { project: 'others', name: 'others' });
    const ids = async (query: string): Promise<readonly unknown[]> => {
      const { status, body } = await call(team, 'GET', `/v6/deployments?${query}`);
      expect(status).toBe(200);
      const found = valueAt(body, 'deployments');
      return Array.isArray(found) ? found.map((one: unknown) => valueAt(one, 'uid')) : [];
    };

    expect(await ids('projectId=orders')).toEqual([preview, second, first]);
    expect(await ids('projectId=orders&target=production&state=READY')).toEqual([second, first]);
    expect(await ids('projectId=orders&meta-polyfaasDigest=a')).toEqual([first]);
    expect(await ids('projectId=orders&state=ERROR')).toEqual([]);
    const page = await call(team, 'GET', '/v6/deployments?projectId=orders&limit=2');
    const next = String(valueAt(page.body, 'pagination', 'next'));
    expect(await ids(`projectId=orders&until=${next}`)).toEqual([first]);
    expect((await call(team, 'GET', '/v6/deployments?foo=1')).status).toBe(400);
    expect((await call(team, 'GET', '/v6/deployments?limit=1000')).status).toBe(400);
  });

  it('are found by id and by address, and are gone when deleted', async () => {
    const { team, project, deleted, current } = await startOrders();
    const id = await deploy(team);
    const { body } = await call(team, 'GET', `/v13/deployments/${id}`);
    const host = textAt(body, 'url');
    expect((await call(team, 'GET', `/v13/deployments/${host}`)).body).toMatchObject({ id });
    const [alias = ''] = project.aliases;

    expect(await call(team, 'DELETE', `/v13/deployments/${id}`)).toEqual({
      status: 200,
      body: { uid: id, state: 'DELETED' },
    });
    expect(current()).toBeUndefined();
    expect(team.world.projects.deploymentOfHost(host)).toBeUndefined();
    expect(team.world.projects.deploymentOfHost(alias)).toBeUndefined();
    expect(deleted).toEqual([id]);
    expect((await call(team, 'GET', `/v13/deployments/${id}`)).status).toBe(404);
    expect((await call(team, 'DELETE', `/v13/deployments/${id}`)).status).toBe(404);
    await team.world.work.idle();
    // Its address tells that there is nothing.
    expect([...team.hosts].toSorted()).toEqual([host, alias].toSorted());
  });

  it('go with their project', async () => {
    const { team, deleted } = await startOrders();
    const id = await deploy(team);
    const answer = await call(team, 'DELETE', '/v9/projects/orders');
    await team.world.work.idle();
    expect(answer.status).toBe(204);
    expect(deleted).toEqual([id]);
    expect(team.hosts.size).toBe(0);
    expect(team.world.inventory()).toEqual([]);
  });

  it('may have a name of their own', async () => {
    const { team } = await startOrders();
    const id = await deploy(team);
    await deploy(team, outputOf('export default () => 2;'));
    const path = `/v2/deployments/${id}/aliases`;
    const given = await call(team, 'POST', path, { body: { alias: 'old.example.com' } });
    expect(given).toMatchObject({ status: 200, body: { alias: 'old.example.com' } });
    expect(team.world.projects.deploymentOfHost('old.example.com')).toMatchObject({
      isProductionAlias: false,
      deployment: { id },
    });
    expect((await call(team, 'POST', path, { body: { alias: 'no host' } })).status).toBe(400);
  });

  it('answer the library of the vendor as it expects', async () => {
    const { team, current } = await startOrders();
    const { world, clock } = team;
    const client = new VercelCore({ bearerToken: world.tokens.deployer, serverURL: world.api });
    const scope = { teamId: world.teamId };
    const first = await deploy(team);
    const second = await deploy(team, outputOf('export default () => 2;'), STAGED);

    const promoted = await projectsRequestPromote(client, {
      ...scope,
      projectId: 'orders',
      deploymentId: second,
    });
    await clock.advance(1_500);
    expect([promoted.ok, current()]).toEqual([true, second]);
    const back = await projectsRequestRollback(client, {
      ...scope,
      projectId: 'orders',
      deploymentId: first,
    });
    await clock.advance(1_500);
    expect([back.ok, current()]).toEqual([true, first]);
    const listed = await deploymentsGetDeployments(client, { ...scope, projectId: 'orders' });
    expect(listed.ok && listed.value.deployments.map(({ uid }) => uid)).toEqual([second, first]);
    const one = await deploymentsGetDeployment(client, { ...scope, idOrUrl: first });
    expect(one.ok && one.value).toMatchObject({ id: first, readyState: 'READY' });
    const deleted = await deploymentsDeleteDeployment(client, { ...scope, id: second });
    expect(deleted.ok && deleted.value).toEqual({ uid: second, state: 'DELETED' });
  });
});
