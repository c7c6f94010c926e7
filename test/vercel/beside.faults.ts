/** Operations beside each other, and beside what people do at Vercel meanwhile. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VARIABLE } from '../../providers/vercel/manifest.ts';
import { refusals } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertRefusal } = refusals(() => stage);

/** The look of a deploy whether its deployment is there. */
const LOOKS = /meta-polyfaasDigest/;
/** The first write of most operations. */
const CLAIMS = /^POST .*\/env\?/;

const SOURCE = `export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: async () => process.env.PART,
  schedule: async () => {},
};`;

const of = (app: string, part: string, keepVersions = 5) =>
  stage.manager({
    app,
    functions: { main: { source: SOURCE, env: { PART: part }, keepVersions } },
  });

const said = async (app: string): Promise<unknown> =>
  (await (await of(app, 'any')).invoke('main')).output;

function projectOf(app: string) {
  const found = stage.fake.world.store.find(`${app}-dev-main`);
  if (!found) throw new Error(`There is no project of ${app}`);
  return found;
}

async function byHand(method: string, path: string): Promise<void> {
  const body = method === 'POST' ? { body: {} } : {};
  const { status } = await stage.fake.world.call({ method, path, ...body });
  expect(status).toBeLessThan(300);
}

async function deleteVariables(app: string, ...prefixes: readonly string[]): Promise<void> {
  for (const { id, key } of projectOf(app).variables.values()) {
    if (!prefixes.some((prefix) => key.startsWith(prefix))) continue;
    await byHand('DELETE', `/v9/projects/${app}-dev-main/env/${id}`);
  }
}

describe('of two deploys at the same time', () => {
  it('the one that is overtaken is told so, and not that its code failed', async () => {
    const app = 'overtaken';
    await (await of(app, 'a')).deploy('main');
    const deployer = await of(app, 'b');
    stage.fake.meanwhile.once('back', LOOKS, async () => {
      await (await of(app, 'c')).deploy('main');
    });
    await assertRefusal({ code: 'CONFLICT', says: [/another operation/, /again/] }, () =>
      deployer.deploy('main'),
    );
    expect(await said(app)).toBe('c');
    expect((await (await of(app, 'b')).deploy('main')).changed).toBe(true);
    expect(await said(app)).toBe('b');
  });
});

describe('an event that was never there', () => {
  it.each([
    ['the keys are lost', [VARIABLE.invokeKeys]],
    ['the keys and the list of files are lost', [VARIABLE.invokeKeys, VARIABLE.files]],
  ] as const)('is not removed, and nothing is written, where %s', async (_what, lost) => {
    const app = `never-${lost.length}`;
    await (await of(app, 'a')).deploy('main');
    await deleteVariables(app, ...lost);
    const manager = await of(app, 'a');
    const { writes } = stage.fake.faults;
    expect(await manager.removeEvent('main', 'nope')).toEqual({ removed: false, warnings: [] });
    expect(stage.fake.faults.writes).toBe(writes);
  });

  it('is not removed beside a deploy, which goes on', async () => {
    const app = 'never-beside';
    await (await of(app, 'a')).deploy('main');
    const [deployer, remover] = [await of(app, 'b'), await of(app, 'a')];
    const removing = Promise.withResolvers<unknown>();
    stage.fake.meanwhile.once('back', LOOKS, async () => {
      removing.resolve(await remover.removeEvent('main', 'nope'));
    });
    expect((await deployer.deploy('main')).changed).toBe(true);
    expect(await removing.promise).toEqual({ removed: false, warnings: [] });
    expect(await said(app)).toBe('b');
  });
});

describe('a version that goes, and is made live by hand meanwhile,', () => {
  /** Two versions. */
  async function twoVersions(app: string): Promise<readonly (string | null)[]> {
    await (await of(app, 'a')).deploy('main');
    const older = projectOf(app).productionId;
    await (await of(app, 'b')).deploy('main');
    return [older, projectOf(app).productionId];
  }

  async function promoteByHand(app: string, id: string | null | undefined): Promise<void> {
    await byHand('POST', `/v10/projects/${projectOf(app).id}/promote/${id}`);
    await stage.clock.advance(6_000);
    await pause(50);
  }

  async function assertKnown(app: string): Promise<void> {
    expect(await said(app)).toBe('a');
    const { liveVersion, versions = [] } = (await (await of(app, 'b')).describe('main')) ?? {};
    expect(versions.map(({ version }) => version)).toContain(liveVersion);
    await (await of(app, 'b', 1)).deploy('main');
    expect(await said(app)).toBe('b');
    expect((await (await of(app, 'b', 1)).deploy('main')).changed).toBe(false);
    expect((await (await of(app, 'b')).describe('main'))?.versions).toHaveLength(1);
  }

  const refusal = { code: 'CONFLICT', says: [/made live/, /again/] } as const;

  it('is known after a deploy that keeps fewer versions', async () => {
    const app = 'fewer';
    const [older] = await twoVersions(app);
    stage.fake.meanwhile.once('back', CLAIMS, () => promoteByHand(app, older));
    const manager = await of(app, 'b', 1);
    await assertRefusal(refusal, () => manager.deploy('main'));
    await assertKnown(app);
  });

  it('is known after a prune', async () => {
    const app = 'pruned';
    const [older] = await twoVersions(app);
    stage.fake.meanwhile.once('back', CLAIMS, () => promoteByHand(app, older));
    const manager = await of(app, 'b');
    await assertRefusal(refusal, () => manager.prune('main', { keepVersions: 1 }));
    expect(await manager.removeEvent('main', 'nope')).toEqual({ removed: false, warnings: [] });
    await assertKnown(app);
  });

  it('is known after a deploy whose own promotion is over', async () => {
    const app = 'switched';
    const [older, newer] = await twoVersions(app);
    const watch = (): void =>
      stage.fake.meanwhile.once('back', /^GET \/v9\/projects\//, async () => {
        if (projectOf(app).productionId === newer) watch();
        else await promoteByHand(app, older);
      });
    watch();
    const manager = await of(app, 'c', 1);
    await assertRefusal(refusal, () => manager.deploy('main'));
    await assertKnown(app);
  });
});
