/** Traffic that somebody moved by hand stays where it is until a version was seen to work, whatever the record says is live. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { GoogleFault } from '../fakes/gcp/core/fault.ts';
import { mapOf, textOf } from '../fakes/gcp/core/json.ts';
import { byHand, latestRevision, serviceOf, servicePath, settled } from './support/by-hand.ts';
import { placing } from './support/placing.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());
afterEach(() => stage.fake.world.operations.misfortune(undefined));

const fresh = (name: string, spec: FunctionSpec) => stage.manager({ functions: { [name]: spec } });

const BROKEN = new GoogleFault('INTERNAL', 'An internal error has occurred.');

/** Every switch fails, for good: the tag before it is made. */
function failSwitches(): void {
  stage.fake.world.operations.misfortune({ api: 'run', after: 1, times: 1_000, fault: BROKEN });
}

async function move(name: string, shares: Readonly<Record<string, number>>): Promise<void> {
  const traffic = Object.entries(shares).map(([revision, percent]) => ({
    type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION',
    revision,
    percent,
  }));
  await byHand(stage, 'run').patchService(name, 'traffic', { traffic });
}

/** Where requests go, as Cloud Run tells it. */
async function servedBy(name: string): Promise<Readonly<Record<string, number>>> {
  const { trafficStatuses } = await serviceOf(stage, name);
  const shares: Record<string, number> = {};
  for (const one of Array.isArray(trafficStatuses) ? trafficStatuses : []) {
    const { revision, percent } = mapOf(one);
    if (typeof percent === 'number' && percent > 0) shares[textOf(revision)] = percent;
  }
  return shares;
}

/** Two versions, of which the second is live. */
async function two(name: string): Promise<readonly [string, string]> {
  await (await fresh(name, placing('good'))).deploy(name);
  const good = await latestRevision(stage, name);
  await (await fresh(name, placing('broken'))).deploy(name);
  return [good, await latestRevision(stage, name)];
}

/** The live revision was deleted by hand, after the traffic was moved to the one before. */
async function withoutLive(name: string): Promise<{ good: string; c: ServerlessManager }> {
  const [good, live] = await two(name);
  const b = await fresh(name, placing('b'));
  await b.deploy(name);
  await b.rollback(name);
  await move(name, { [good]: 100 });
  await byHand(stage, 'run').send('DELETE', `${servicePath(stage, name)}/revisions/${live}`);
  await settled(stage);
  return { good, c: await fresh(name, placing('c')) };
}

describe('traffic that was moved by hand', () => {
  it('stays with what serves when a switch fails', async () => {
    const [good] = await two('stays');
    await move('stays', { [good]: 100 });
    const c = await fresh('stays', placing('c'));
    failSwitches();
    await expect(c.deploy('stays')).rejects.toMatchObject({ step: 'traffic' });
    expect((await c.invoke('stays')).output).toBe('good');
  });

  it('stays split', async () => {
    const [good, other] = await two('split');
    await move('split', { [good]: 90, [other]: 10 });
    const c = await fresh('split', placing('c'));
    failSwitches();
    await expect(c.deploy('split')).rejects.toMatchObject({ step: 'traffic' });
    expect(await servedBy('split')).toEqual({ [good]: 90, [other]: 10 });
  });

  it('is no obstacle to a new version when the live revision is gone', async () => {
    const { c } = await withoutLive('gone');
    await c.deploy('gone');
    expect((await c.invoke('gone')).output).toBe('c');
  });

  it('does not go to a version before it was seen to work, when a full look finds no live one', async () => {
    const { good, c } = await withoutLive('unseen');
    failSwitches();
    await expect(c.deploy('unseen', { drift: 'full' })).rejects.toMatchObject({ step: 'traffic' });
    expect(await servedBy('unseen')).toEqual({ [good]: 100 });
    stage.fake.world.operations.misfortune(undefined);
    await c.deploy('unseen', { drift: 'full' });
    expect((await c.invoke('unseen')).output).toBe('c');
  });
});
