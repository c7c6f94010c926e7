/** Versions that are kept, and whose revisions somebody deleted: nothing else breaks, and they can be built anew. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { byHand, deleteRevision, latestRevision, serviceOf } from './support/by-hand.ts';
import { placing } from './support/placing.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const fresh = (name: string, spec: FunctionSpec) => stage.manager({ functions: { [name]: spec } });

/** Fails to start in the cloud. */
const BROKEN = `if (process.env.K_SERVICE) throw new Error('no');
export default { [Symbol.for('polyfaas.function')]: true, invoke: async () => 1 };`;

interface Three {
  readonly a: ServerlessManager;
  readonly b: ServerlessManager;
  readonly versions: readonly string[];
  readonly lost: string;
}

/** Three versions; the last one is live, and the revision of the one before is gone. */
async function three(name: string): Promise<Three> {
  const first = await (await fresh(name, placing('0'))).deploy(name);
  const a = await fresh(name, placing('a'));
  const second = await a.deploy(name);
  const lost = await latestRevision(stage, name);
  const b = await fresh(name, placing('b'));
  const third = await b.deploy(name);
  await deleteRevision(stage, name, lost);
  return { a, b, versions: [first.version, second.version, third.version], lost };
}

describe('a version whose revision is gone', () => {
  it('cannot be gone back to: nothing changes, and the error names those that can', async () => {
    const { b, versions } = await three('back');
    const [first = '', second = '', third = ''] = versions;
    const before = await serviceOf(stage, 'back');
    await expect(b.rollback('back')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(new RegExp(`choose another version \\(${first}\\)`)),
    });
    expect(await serviceOf(stage, 'back')).toEqual(before);
    expect((await b.invoke('back')).output).toBe('b');
    const described = await b.describe('back');
    expect(described?.versions.map(({ version }) => version).toSorted()).toEqual(
      [first, third].toSorted(),
    );
    expect(described?.versions.map(({ version }) => version)).not.toContain(second);
    await b.rollback('back', { version: first });
    expect((await b.invoke('back')).output).toBe('0');
  });

  it('is built anew by the second deploy that declares it', async () => {
    const { a, versions } = await three('anew');
    await expect(a.deploy('anew')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await a.deploy('anew')).version).toBe(versions[1]);
    expect((await a.invoke('anew')).output).toBe('a');
    expect((await a.plan('anew', { drift: 'full' })).steps).toEqual([]);
  });

  it('is built anew by the first one that looks at everything', async () => {
    const { a } = await three('looked');
    await a.deploy('looked', { drift: 'full' });
    expect((await a.invoke('looked')).output).toBe('a');
  });

  it('is forgotten by a deploy of something else that looks at everything', async () => {
    const { b, versions } = await three('forgotten');
    const plan = await b.plan('forgotten', { drift: 'full' });
    expect(plan.changes).toEqual([{ action: 'delete', subject: `version ${versions[1]}` }]);
    await b.deploy('forgotten', { drift: 'full' });
    expect((await b.plan('forgotten', { drift: 'full' })).steps).toEqual([]);
    expect((await b.describe('forgotten'))?.versions).toHaveLength(2);
  });

  it('is built anew where it is of the newest build, and another one failed to start since', async () => {
    const first = await fresh('newest', placing('a'));
    await first.deploy('newest');
    const b = await fresh('newest', placing('b'));
    await b.deploy('newest');
    const lost = await latestRevision(stage, 'newest');
    await b.rollback('newest');
    const bad = await fresh('newest', { source: BROKEN });
    await expect(bad.deploy('newest')).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
    await deleteRevision(stage, 'newest', lost);
    await b.deploy('newest', { drift: 'full' });
    expect((await b.invoke('newest')).output).toBe('b');
    expect((await b.plan('newest', { drift: 'full' })).steps).toEqual([]);
  });

  it('is built anew by the second deploy, too, that looks at nothing', async () => {
    await (await fresh('cheap', placing('a'))).deploy('cheap');
    const b = await fresh('cheap', placing('b'));
    await b.deploy('cheap');
    const lost = await latestRevision(stage, 'cheap');
    await b.rollback('cheap');
    const bad = await fresh('cheap', { source: BROKEN });
    await expect(bad.deploy('cheap')).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
    await deleteRevision(stage, 'cheap', lost);
    await expect(b.deploy('cheap')).rejects.toMatchObject({ code: 'CONFLICT' });
    await b.deploy('cheap');
    expect((await b.invoke('cheap')).output).toBe('b');
  });

  it('does not stand in the way of new ones, though traffic still names it', async () => {
    const { b, lost } = await three('inway');
    const target = { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: lost };
    await byHand(stage, 'run').patchService('inway', 'traffic', {
      traffic: [{ ...target, percent: 100 }],
    });
    expect((await b.invoke('inway')).output).toBe('b');
    const c = await fresh('inway', placing('c'));
    await c.deploy('inway');
    expect((await c.invoke('inway')).output).toBe('c');
  });
});
