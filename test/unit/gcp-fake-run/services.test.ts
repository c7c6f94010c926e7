import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSmallWorld, LOCATION, PROJECT, STRANGER, type SmallWorld } from './small-world.ts';
import {
  api,
  changed,
  deploy,
  LATEST,
  makePublic,
  PARENT,
  patch,
  REVISION,
  said,
  SAYS,
  SERVICE,
} from './service.ts';

describe('Cloud Run', () => {
  let small: SmallWorld;
  beforeEach(async () => {
    small = await createSmallWorld();
  });
  afterEach(() => small.stop());

  const inventory = (): readonly string[] => small.run.services.flatMap((each) => each.inventory());

  it('makes a service with its first revision, and shows it', async () => {
    const { revision, url } = await deploy(small, SAYS('one'), {
      labels: { team: 'shop' },
      setup: { env: { COLOR: 'blue' }, memoryMb: 512 },
    });
    expect(revision).toMatch(/^orders-00001-[a-z]{3}$/);
    expect(small.run.urlOf(SERVICE)).toBe(url);
    expect(small.run.isOnLatest(SERVICE)).toBe(true);
    expect(inventory()).toEqual(['run service orders', `run revision ${revision}`]);
    const shown = await api(small, 'GET', `/v2/${SERVICE}`);
    expect(shown).toMatchObject({
      name: SERVICE,
      uri: url,
      urls: [url],
      labels: { team: 'shop', 'goog-managed-by': 'cloudfunctions' },
      ingress: 'INGRESS_TRAFFIC_ALL',
      latestReadyRevision: `${SERVICE}/revisions/${revision}`,
      latestCreatedRevision: `${SERVICE}/revisions/${revision}`,
      traffic: [{ type: LATEST, percent: 100 }],
      trafficStatuses: [{ type: LATEST, percent: 100 }],
      terminalCondition: { type: 'Ready', state: 'CONDITION_SUCCEEDED' },
      template: {
        timeout: '10s',
        scaling: { maxInstanceCount: 5 },
        containers: [
          {
            env: [{ name: 'COLOR', value: 'blue' }],
            resources: { limits: { memory: '512Mi' } },
          },
        ],
      },
      etag: expect.stringMatching(/^".+"$/),
    });
    expect(shown).not.toHaveProperty('reconciling');
    expect(await api(small, 'GET', `/v2/${PARENT}/services`)).toMatchObject({
      services: [{ name: SERVICE }],
    });
    expect(await api(small, 'GET', `/v2/${SERVICE}/revisions/${revision}`)).toMatchObject({
      name: `${SERVICE}/revisions/${revision}`,
      service: 'orders',
      conditions: [{ type: 'Ready', state: 'CONDITION_SUCCEEDED' }],
    });
  });

  it('leaves the traffic where it is pinned, and moves it in one step', async () => {
    const one = await deploy(small, SAYS('one'));
    await makePublic(small);
    await patch(small, 'traffic', {
      traffic: [{ type: REVISION, revision: one.revision, percent: 100 }],
    });
    expect(small.run.isOnLatest(SERVICE)).toBe(false);
    const two = await deploy(small, SAYS('two'));
    expect(two.revision).toMatch(/^orders-00002-/);
    expect(await said(one.url)).toMatchObject({ word: 'one', revision: one.revision });
    const operation = await patch(small, 'traffic', {
      traffic: [
        { type: REVISION, revision: one.revision, percent: 100 },
        { type: REVISION, revision: two.revision, tag: 'v2' },
      ],
    });
    expect(operation).toMatchObject({
      done: true,
      response: { '@type': 'type.googleapis.com/google.cloud.run.v2.Service', name: SERVICE },
    });
    const { trafficStatuses } = await api(small, 'GET', `/v2/${SERVICE}`);
    const [, tagged] = Array.isArray(trafficStatuses) ? trafficStatuses : [];
    expect(tagged).toMatchObject({ type: REVISION, revision: two.revision, tag: 'v2' });
    const { uri } = Object(tagged);
    expect(await said(`${String(uri)}/a?b`)).toMatchObject({ word: 'two', path: '/a?b' });
    expect(await said(one.url)).toMatchObject({ word: 'one' });
    await patch(small, 'traffic', {
      traffic: [{ type: REVISION, revision: two.revision, percent: 100 }],
    });
    expect(await said(one.url)).toMatchObject({ word: 'two' });
    // The front is there for all names, and knows this one no more.
    expect((await fetch(String(uri))).status).toBe(404);
  });

  it('gives all traffic to the latest where the function says so', async () => {
    const one = await deploy(small, SAYS('one'));
    await makePublic(small);
    await patch(small, 'traffic', {
      traffic: [{ type: REVISION, revision: one.revision, percent: 100, tag: 'v1' }],
    });
    await deploy(small, SAYS('two'), { allTrafficOnLatest: true });
    expect(small.run.isOnLatest(SERVICE)).toBe(true);
    expect(await said(one.url)).toMatchObject({ word: 'two' });
  });

  it('keeps the old revision when the new one does not start', async () => {
    const one = await deploy(small, SAYS('one'));
    await makePublic(small);
    await expect(deploy(small, "throw new Error('broken');")).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringMatching(/failed to start and listen on the port[^]*broken/),
    });
    expect(await said(one.url)).toMatchObject({ word: 'one' });
    const shown = await api(small, 'GET', `/v2/${SERVICE}`);
    expect(shown).toMatchObject({
      latestReadyRevision: `${SERVICE}/revisions/${one.revision}`,
      latestCreatedRevision: expect.stringMatching(/orders-00002-[a-z]{3}$/),
      terminalCondition: { state: 'CONDITION_FAILED' },
    });
    await deploy(small, SAYS('three'));
    expect(await said(one.url)).toMatchObject({ word: 'three' });
  });

  it('refuses accounts that are not there', async () => {
    await expect(
      deploy(small, SAYS('one'), { setup: { serviceAccount: 'nobody@x.test' } }),
    ).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message:
        "Permission 'iam.serviceaccounts.actAs' denied on service account nobody@x.test (or it may not exist).",
    });
    expect(inventory()).toEqual([]);
  });

  it('takes one change at a time, and no stale etag', async () => {
    const { revision } = await deploy(small, SAYS('one'));
    const path = `/v2/${SERVICE}?updateMask=labels`;
    const { etag } = await api(small, 'GET', `/v2/${SERVICE}`);
    const { name } = await api(small, 'PATCH', path, { labels: { a: '1' }, etag });
    const conflict = {
      code: 'ABORTED',
      status: 409,
      message: expect.stringMatching(
        /^Conflict for resource 'orders': version '\d+' was specified but current version is '\d+'\.$/,
      ),
    };
    expect(await api(small, 'GET', `/v2/${SERVICE}`)).toMatchObject({
      labels: { a: '1' },
      reconciling: true,
    });
    await expect(api(small, 'PATCH', path, { labels: {} })).rejects.toMatchObject(conflict);
    await expect(api(small, 'DELETE', `/v2/${SERVICE}`)).rejects.toMatchObject(conflict);
    await expect(deploy(small, SAYS('two'))).rejects.toMatchObject(conflict);
    await small.clock.advance(3000);
    await small.work.idle();
    expect(await api(small, 'GET', `/v2/${String(name)}`)).toMatchObject({ done: true });
    await expect(api(small, 'PATCH', path, { labels: {}, etag })).rejects.toMatchObject(conflict);
    await patch(small, 'labels', {});
    const shown = await api(small, 'GET', `/v2/${SERVICE}`);
    expect(shown).not.toHaveProperty('labels');
    expect(shown['latestCreatedRevision']).toBe(`${SERVICE}/revisions/${revision}`);
  });

  it('makes a revision without a build when the template changes', async () => {
    const { url, revision } = await deploy(small, SAYS('one'));
    await makePublic(small);
    const { template } = await api(small, 'GET', `/v2/${SERVICE}`);
    await patch(small, 'template', { template });
    expect((await said(url))['revision']).toBe(revision);
    await patch(small, 'template.timeout,template.max_instance_request_concurrency', {
      template: { timeout: '20s', maxInstanceRequestConcurrency: 2 },
    });
    expect((await said(url))['revision']).toMatch(/^orders-00002-/);
    await expect(
      patch(small, 'template.timeout', { template: { timeout: '3601s' } }),
    ).rejects.toThrow(
      'Violation in UpdateServiceRequest.service.template.timeout: maximum allowed time is one hour.',
    );
  });

  it('keeps instances ready for the revision that has the traffic', async () => {
    const one = await deploy(small, SAYS('one'));
    await small.clock.advance(3_600_000);
    const before = small.startups.length;
    await patch(small, 'scaling.min_instance_count', { scaling: { minInstanceCount: 2 } });
    await small.work.idle();
    expect(small.startups.length - before).toBe(2);
    expect(await api(small, 'GET', `/v2/${SERVICE}`)).toMatchObject({
      scaling: { minInstanceCount: 2 },
      latestCreatedRevision: `${SERVICE}/revisions/${one.revision}`,
    });
    await small.clock.advance(3_600_000);
    expect(small.startups.length - before).toBe(2);
  });

  describe('refuses traffic', () => {
    const traffic = (targets: readonly object[]): Promise<unknown> =>
      api(small, 'PATCH', `/v2/${SERVICE}?updateMask=traffic`, { traffic: targets });

    it('that does not add up, has bad tags or unknown fields', async () => {
      const { revision } = await deploy(small, SAYS('one'));
      const target = { type: REVISION, revision, percent: 100 };
      const wrong: readonly [readonly object[], RegExp][] = [
        [[{ ...target, percent: 90 }], /add up to 100, but add up to 90/],
        [[{ ...target, percent: 200 }], /between 0 and 100/],
        [[{ ...target, tag: 'V1' }], /only lowercase/],
        [[{ ...target, tag: 'v1-' }], /only lowercase/],
        [
          [{ ...target, tag: 'v'.repeat(41) }],
          /^spec\.traffic\.tag: traffic tag 'v+' and service name 'orders' together are too long\. Combined traffic tag and service name cannot exceed 46 characters\.$/,
        ],
        [
          [
            { ...target, tag: 'a' },
            { ...target, percent: 0, tag: 'a' },
          ],
          /more than once/,
        ],
        [[{ percent: 100 }], /should be set/],
        [[{ type: REVISION, percent: 100 }], /should be set/],
        [[{ type: LATEST, revision, percent: 100 }], /should not be set/],
        [[{ ...target, weight: 1 }], /Unknown name "weight"/],
        [[{ ...target, type: 'BOGUS' }], /Invalid value/],
      ];
      for (const [targets, message] of wrong) {
        await expect(traffic(targets)).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
          message: expect.stringMatching(message),
        });
      }
      await traffic([{ ...target, tag: 'v'.repeat(40) }]);
    });

    it('to a revision that is not there, at the end of the operation', async () => {
      const { url } = await deploy(small, SAYS('one'));
      await makePublic(small);
      const operation = await patch(small, 'traffic', {
        traffic: [{ type: REVISION, revision: 'orders-00009-abc', percent: 100 }],
      });
      expect(operation).toMatchObject({
        done: true,
        error: {
          code: 13,
          message:
            "Revision 'orders-00009-abc' does not exist or is deleted. Update all traffic to route to currently available revisions.",
        },
      });
      expect(await said(url)).toMatchObject({ word: 'one' });
      expect(await api(small, 'GET', `/v2/${SERVICE}`)).toMatchObject({
        trafficStatuses: [{ type: LATEST, percent: 100 }],
        terminalCondition: { state: 'CONDITION_FAILED' },
      });
    });
  });

  it('deletes revisions that nobody reaches, and no others', async () => {
    const one = await deploy(small, SAYS('one'));
    await patch(small, 'traffic', {
      traffic: [{ type: REVISION, revision: one.revision, percent: 100, tag: 'v1' }],
    });
    const two = await deploy(small, SAYS('two'));
    const three = await deploy(small, SAYS('three'));
    await patch(small, 'traffic', {
      traffic: [
        { type: REVISION, revision: one.revision, percent: 100 },
        { type: REVISION, revision: two.revision, tag: 'v2' },
      ],
    });
    const list = await api(small, 'GET', `/v2/${SERVICE}/revisions?pageSize=2`);
    expect(list['revisions']).toMatchObject([
      { name: `${SERVICE}/revisions/${three.revision}` },
      { name: `${SERVICE}/revisions/${two.revision}` },
    ]);
    const rest = await api(
      small,
      'GET',
      `/v2/${SERVICE}/revisions?pageSize=2&pageToken=${String(list['nextPageToken'])}`,
    );
    expect(rest).toMatchObject({ revisions: [{ name: `${SERVICE}/revisions/${one.revision}` }] });
    expect(rest).not.toHaveProperty('nextPageToken');
    const drop = (name: string): Promise<unknown> =>
      api(small, 'DELETE', `/v2/${SERVICE}/revisions/${name}`);
    for (const { revision } of [one, two]) {
      await expect(drop(revision)).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
        status: 400,
        message: `Revision "${revision}" cannot be directly deleted because it is actively serving.`,
      });
    }
    await expect(drop(three.revision)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: 'The latest created Revision cannot be directly deleted.',
    });
    await patch(small, 'traffic', {
      traffic: [{ type: REVISION, revision: one.revision, percent: 100 }],
    });
    const operation = await changed(small, 'DELETE', `/v2/${SERVICE}/revisions/${two.revision}`);
    expect(operation).toMatchObject({
      done: true,
      response: { '@type': 'type.googleapis.com/google.cloud.run.v2.Revision' },
    });
    await expect(drop(two.revision)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `Resource '${two.revision}' of kind 'REVISION' in region '${LOCATION}' in project '${PROJECT}' does not exist.`,
    });
    expect(inventory()).toHaveLength(3);
  });

  it('deletes services', async () => {
    const { url } = await deploy(small, SAYS('one'));
    const operation = await changed(small, 'DELETE', `/v2/${SERVICE}`);
    expect(operation).toMatchObject({ done: true, response: { name: SERVICE } });
    await expect(api(small, 'GET', `/v2/${SERVICE}`)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `Resource 'orders' of kind 'SERVICE' in region '${LOCATION}' in project '${PROJECT}' does not exist.`,
    });
    expect((await fetch(url)).status).toBe(404);
    expect(inventory()).toEqual([]);
    await deploy(small, SAYS('again'));
    await small.run.delete(SERVICE);
    expect(inventory()).toEqual([]);
    await small.run.delete(SERVICE);
  });

  it('keeps out who may not, and what it does not know', async () => {
    await deploy(small, SAYS('one'));
    const stranger = { kind: 'account', email: STRANGER } as const;
    await expect(api(small, 'GET', `/v2/${SERVICE}`, undefined, stranger)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    for (const [method, path] of [
      ['GET', `/v2/${PARENT}/jobs`],
      ['POST', `/v2/${PARENT}/services`],
      ['PUT', `/v2/${SERVICE}`],
    ] as const)
      await expect(api(small, method, path)).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
    await expect(api(small, 'PATCH', `/v2/${SERVICE}?updateMask=trafic`, {})).rejects.toMatchObject(
      { code: 'INVALID_ARGUMENT' },
    );
    await expect(api(small, 'GET', `/v2/${SERVICE}?surprise=1`)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(api(small, 'GET', `/v2/${PARENT}/operations/none`)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
