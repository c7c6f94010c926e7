/**
 * From where a service can be reached, and its labels, belong to the service and to no version of it: they are what was
 * declared last, whichever version is live; and nothing of them changes before the switch.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import type { GcpFunctionOptions } from '../../providers/gcp/options.ts';
import { sendHttp } from '../../src/contract/http-client.ts';
import { GoogleFault } from '../fakes/gcp/core/fault.ts';
import { at, textOf } from '../fakes/gcp/core/json.ts';
import { byHand, serviceOf } from './support/by-hand.ts';
import { placing } from './support/placing.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const fresh = (name: string, spec: FunctionSpec) => stage.manager({ functions: { [name]: spec } });
const under = (
  spec: FunctionSpec,
  ingress: NonNullable<GcpFunctionOptions['ingress']>,
): FunctionSpec => ({ ...spec, providerOptions: { gcp: { ingress } } });
const closed = (spec: FunctionSpec): FunctionSpec => under(spec, 'ALLOW_INTERNAL_ONLY');
const ingressOf = async (name: string): Promise<string> =>
  textOf((await serviceOf(stage, name))['ingress']);

const ROUTE = { type: 'http', id: 'h', method: 'GET', path: '/a' } as const;
const OPEN = 'INGRESS_TRAFFIC_ALL';
const INTERNAL = 'INGRESS_TRAFFIC_INTERNAL_ONLY';
/** `ServiceConfig.IngressSettings`, as the vendor's client sends it. */
const SENT = { all: 1, internal: 2 };
const BUILD = /^functions (?:POST|PATCH|DELETE)|^uploads /;

describe('ingress', () => {
  it('changes without a build, and is what was declared last when a kept version comes back', async () => {
    const a = { ...placing('a'), events: [ROUTE] };
    const b = { ...placing('b'), events: [ROUTE] };
    const { version } = await (await fresh('kept', a)).deploy('kept');
    await (await fresh('kept', b)).deploy('kept');
    const back = await fresh('kept', closed(a));
    const calls = await stage.during(async () => {
      expect((await back.deploy('kept')).version).toBe(version);
    });
    expect(calls.filter((call) => BUILD.test(call))).toEqual([]);
    expect(await ingressOf('kept')).toBe(INTERNAL);
    const url = (await back.describe('kept'))?.url;
    expect((await sendHttp(`${url}/a`)).status).toBe(404);
    expect((await back.deploy('kept')).changed).toBe(false);
    expect((await back.plan('kept', { drift: 'full' })).steps).toEqual([]);
    await (await fresh('kept', b)).deploy('kept');
    expect(await ingressOf('kept')).toBe(OPEN);
    expect((await sendHttp(`${url}/a`)).status).toBe(200);
  });

  it('of the live version stays through a deploy that fails', async () => {
    const good = { ...placing('a'), events: [ROUTE] };
    const first = await fresh('failed', good);
    await first.deploy('failed');
    const bad = closed({ source: `throw new Error('not today');`, events: [ROUTE] });
    await expect((await fresh('failed', bad)).deploy('failed')).rejects.toThrow(/./);
    expect(await ingressOf('failed')).toBe(OPEN);
    const url = (await first.describe('failed'))?.url;
    expect((await sendHttp(`${url}/a`)).status).toBe(200);
  });

  it('that is closed stays so all through a build, even of what is to be open', async () => {
    await (await fresh('through', closed(placing('a')))).deploy('through');
    expect(await ingressOf('through')).toBe(INTERNAL);
    const from = stage.calls.length;
    await (await fresh('through', placing('b'))).deploy('through');
    const built = stage.calls
      .slice(from)
      .find(({ plane, method }) => plane === 'functions' && method === 'PATCH');
    expect(at(JSON.parse(String(built?.body)), 'serviceConfig', 'ingressSettings')).toBe(
      SENT.internal,
    );
    expect(await ingressOf('through')).toBe(OPEN);
  });

  it.each([
    ['opened', OPEN],
    ['locked', 'INGRESS_TRAFFIC_NONE'],
  ])(
    'that somebody changed by hand, %s, is seen by a full look, and put right',
    async (how, by) => {
      const name = `hand-${how}`;
      const manager = await fresh(name, closed(placing('a')));
      await manager.deploy(name);
      await byHand(stage, 'run').patchService(name, 'ingress', { ingress: by });
      const plan = await manager.plan(name, { drift: 'full' });
      expect(plan.steps.map(({ id }) => id)).toContain('ingress');
      await manager.deploy(name, { drift: 'full' });
      expect(await ingressOf(name)).toBe(INTERNAL);
      expect((await manager.plan(name, { drift: 'full' })).steps).toEqual([]);
    },
  );
});

describe('a closed function', () => {
  it('is deployed from outside, first and again, in its time', async () => {
    const began = stage.clock.now();
    const first = await fresh('inner', under(placing('a'), 'ALLOW_INTERNAL_AND_GCLB'));
    await first.deploy('inner');
    const second = await fresh('inner', under(placing('b'), 'ALLOW_INTERNAL_AND_GCLB'));
    const { version, journal } = await second.deploy('inner');
    expect((await second.describe('inner'))?.liveVersion).toBe(version);
    expect(journal.map(({ status }) => status)).not.toContain('failed');
    expect(await ingressOf('inner')).toBe('INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER');
    expect(stage.clock.now() - began).toBeLessThan(300_000);
  });

  it('is warned of in the plan, and the error of a call from outside names the option', async () => {
    const manager = await fresh('told', closed(placing('a')));
    expect((await manager.plan('told')).warnings).toMatchObject([
      {
        field: 'functions.told.providerOptions.gcp.ingress',
        message: expect.stringMatching(/invoke and preWarm need a caller inside of the network/),
      },
    ]);
    await manager.deploy('told');
    await expect(manager.invoke('told')).rejects.toThrow(/providerOptions\.gcp\.ingress/);
  });

  const fault = new GoogleFault(
    'FAILED_PRECONDITION',
    'Constraint constraints/run.allowedIngress violated for projects/p attempting to set ingress to all.',
  );

  it('that the organisation forbids, too, is refused with what it says', async () => {
    const { operations } = stage.fake.world;
    operations.misfortune({ api: 'functions', verb: 'create', times: 9, fault });
    const refused = (await fresh('forbidden', closed(placing('a')))).deploy('forbidden');
    await expect(refused).rejects.toThrow(/allowedIngress/);
    operations.misfortune(undefined);
  });

  it('is made closed where the organisation forbids open services', async () => {
    stage.fake.world.operations.misfortune({ api: 'functions', fault });
    const manager = await fresh('obeys', closed(placing('a')));
    await manager.deploy('obeys');
    expect(await ingressOf('obeys')).toBe(INTERNAL);
    const sent = stage.calls.filter(({ path }) => /functions.*shop-dev-obeys/.test(path));
    const wishes = sent
      .filter(({ method, plane }) => plane === 'functions' && method !== 'GET')
      .map(({ method, body }) =>
        method === 'DELETE'
          ? method
          : at(JSON.parse(String(body)), 'serviceConfig', 'ingressSettings'),
      );
    expect(wishes).toEqual([SENT.all, 'DELETE', SENT.internal]);
  });

  it('is closed by the build where the organisation has come to forbid open services', async () => {
    await (await fresh('later', placing('a'))).deploy('later');
    const from = stage.calls.length;
    stage.fake.world.operations.misfortune({ api: 'functions', verb: 'update', fault });
    await (await fresh('later', closed(placing('b')))).deploy('later');
    expect(await ingressOf('later')).toBe(INTERNAL);
    const wishes = stage.calls
      .slice(from)
      .filter(({ method, plane }) => plane === 'functions' && method === 'PATCH')
      .map(({ body }) => at(JSON.parse(String(body)), 'serviceConfig', 'ingressSettings'));
    expect(wishes).toEqual([SENT.all, SENT.internal]);
  });
});

describe('labels', () => {
  it('of the service are those of the last declaration, when a kept version comes back', async () => {
    const a = { ...placing('a'), tags: { team: 'a', only: 'here' } };
    await (await fresh('labelled', a)).deploy('labelled');
    await (await fresh('labelled', { ...placing('a'), tags: { team: 'b' } })).deploy('labelled');
    const manager = await fresh('labelled', a);
    const calls = await stage.during(() => manager.deploy('labelled'));
    expect(calls.filter((call) => BUILD.test(call))).toEqual([]);
    const { labels } = await serviceOf(stage, 'labelled');
    expect(labels).toMatchObject({
      team: 'a',
      only: 'here',
      'goog-managed-by': 'cloudfunctions',
      'polyfaas-function': 'labelled',
    });
    expect((await manager.deploy('labelled')).changed).toBe(false);
  });
});
