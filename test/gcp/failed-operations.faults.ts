/**
 * Operations of Google's that are taken, and end with an error: what they were to change is written down as wished, and is
 * not so. A deploy begins them again, and says that it is done when what serves is what was declared.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { GoogleFault } from '../fakes/gcp/core/fault.ts';
import type { Misfortune } from '../fakes/gcp/core/operations.ts';
import { byHand, latestRevision, serviceOf } from './support/by-hand.ts';
import { placing } from './support/placing.ts';
import { EVENTS_SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());
afterEach(() => stage.fake.world.operations.misfortune(undefined));

const fresh = (name: string, spec: FunctionSpec) => stage.manager({ functions: { [name]: spec } });

const TO = { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', percent: 100 };
const BROKEN = new GoogleFault('INTERNAL', 'An internal error has occurred.');
const QUOTA = new GoogleFault(
  'RESOURCE_EXHAUSTED',
  "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per region' of service 'run.googleapis.com'.",
);
const EVENTARC_QUOTA = new GoogleFault(
  'RESOURCE_EXHAUSTED',
  "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per region' of service 'eventarc.googleapis.com'.",
);
const withTable = (table: string): FunctionSpec => ({
  source: EVENTS_SOURCE,
  events: [{ type: 'table', id: 'e', table }],
});
const linesOf = (name: string): readonly string[] =>
  stage.fake.inventory().filter((line) => line.includes(name));
const triggersOf = (name: string): readonly string[] =>
  linesOf(name).filter((line) => line.startsWith('eventarc trigger'));
const fails = (more: Partial<Misfortune> & Pick<Misfortune, 'api'>): void =>
  stage.fake.world.operations.misfortune({ fault: BROKEN, ...more });

describe('an operation that ends with an error', () => {
  it.each([
    ['the tag', { api: 'run' }],
    ['the switch', { api: 'run', after: 1 }],
    ['the build', { api: 'functions' }],
    ['the tag, by a quota of the minute,', { api: 'run', fault: QUOTA }],
    ['the switch, by a quota of the minute,', { api: 'run', after: 1, fault: QUOTA }],
    ['the build, by a quota of the minute,', { api: 'functions', fault: QUOTA }],
  ] satisfies (readonly [string, Partial<Misfortune> & Pick<Misfortune, 'api'>])[])(
    'of %s is begun again, and what serves is what was declared',
    async (what, misfortune) => {
      const name = `again-${what.replaceAll(/[^a-z]+/g, '')}`.slice(0, 22);
      await (await fresh(name, placing('a'))).deploy(name);
      const manager = await fresh(name, placing('b'));
      fails(misfortune);
      const { version } = await manager.deploy(name);
      expect(await manager.invoke(name)).toMatchObject({ output: 'b', version });
      expect((await manager.plan(name, { drift: 'full' })).steps).toEqual([]);
    },
  );

  it('of the tag of a first deploy is begun again', async () => {
    const manager = await fresh('first-tag', placing('a'));
    fails({ api: 'run' });
    await manager.deploy('first-tag');
    expect((await manager.invoke('first-tag')).output).toBe('a');
  });

  it('of the switch, for good, is told, and the next deploy goes on from what serves', async () => {
    const first = await fresh('stuck', placing('a'));
    await first.deploy('stuck');
    const manager = await fresh('stuck', placing('b'));
    fails({ api: 'run', after: 1, times: 1_000 });
    await expect(manager.deploy('stuck')).rejects.toMatchObject({ step: 'traffic' });
    expect((await manager.invoke('stuck')).output).toBe('a');
    stage.fake.world.operations.misfortune(undefined);
    await manager.deploy('stuck');
    expect((await manager.invoke('stuck')).output).toBe('b');
    expect((await manager.plan('stuck', { drift: 'full' })).steps).toEqual([]);
  });

  it('of instances that are kept ready is begun again', async () => {
    await (await fresh('scaled', placing('a'))).deploy('scaled');
    const manager = await fresh('scaled', { ...placing('a'), minInstances: 1 });
    fails({ api: 'run' });
    await manager.deploy('scaled');
    expect(await serviceOf(stage, 'scaled')).toMatchObject({
      scaling: { minInstanceCount: 1 },
      terminalCondition: { state: 'CONDITION_SUCCEEDED' },
    });
  });

  it.each([
    ['broken', BROKEN],
    ['away', new GoogleFault('UNAVAILABLE', 'The service is currently unavailable.')],
    ['aborted', new GoogleFault('ABORTED', 'The operation was aborted.')],
    ['late', new GoogleFault('DEADLINE_EXCEEDED', 'Deadline exceeded.')],
    ['quota', EVENTARC_QUOTA],
  ])(
    'of a trigger is begun again, %s, when it is made and when it is deleted',
    async (how, fault) => {
      const name = `trigger-${how}`;
      const manager = await fresh(name, withTable(`rows-${how}`));
      fails({ api: 'eventarc', fault });
      await manager.deploy(name);
      expect(triggersOf(name)).toHaveLength(1);
      expect((await manager.plan(name, { drift: 'full' })).steps).toEqual([]);
      fails({ api: 'eventarc', verb: 'delete', fault });
      await manager.remove(name);
      expect(linesOf(name)).toEqual([]);
    },
  );

  it('of a trigger, refused once, is begun again by the next deploy', async () => {
    const manager = await fresh('refused', withTable('rows-refused'));
    fails({ api: 'eventarc', fault: new GoogleFault('INVALID_ARGUMENT', 'It is not valid.') });
    await expect(manager.deploy('refused')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await manager.deploy('refused');
    expect((await manager.plan('refused', { drift: 'full' })).steps).toEqual([]);
    await manager.remove('refused');
    expect(linesOf('refused')).toEqual([]);
  });

  it('of a trigger, for good, is told as what it is, and is no obstacle later', async () => {
    const manager = await fresh('lasting', withTable('rows-lasting'));
    fails({ api: 'eventarc', times: 1_000 });
    await expect(manager.deploy('lasting')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    stage.fake.world.operations.misfortune(undefined);
    await manager.deploy('lasting');
    expect(triggersOf('lasting')).toHaveLength(1);
    await manager.remove('lasting');
    expect(linesOf('lasting')).toEqual([]);
  });

  it('of a hand that moves traffic back is seen by a full look, and put right', async () => {
    await (await fresh('by-hand', placing('a'))).deploy('by-hand');
    const first = await latestRevision(stage, 'by-hand');
    const manager = await fresh('by-hand', placing('b'));
    await manager.deploy('by-hand');
    const { traffic } = await serviceOf(stage, 'by-hand');
    const hand = byHand(stage, 'run');
    await hand.patchService('by-hand', 'traffic', { traffic: [{ ...TO, revision: first }] });
    fails({ api: 'run' });
    await hand.patchService('by-hand', 'traffic', { traffic });
    expect((await manager.invoke('by-hand')).output).toBe('a');
    const plan = await manager.plan('by-hand', { drift: 'full' });
    expect(plan.steps.map(({ id }) => id)).toContain('traffic');
    await manager.deploy('by-hand', { drift: 'full' });
    expect((await manager.invoke('by-hand')).output).toBe('b');
    expect((await manager.plan('by-hand', { drift: 'full' })).steps).toEqual([]);
  });
});
