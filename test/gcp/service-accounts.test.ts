/**
 * Versions that work as different service accounts: what is given up reaches the dead letters whichever of them is live,
 * or a warning tells what has to be granted for it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec, FunctionSpec } from 'polyfaas';
import { byHand } from './support/by-hand.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const FAILING = `export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: async () => 1,
  queue: async () => { throw new Error('bad'); },
};`;

const email = (): string => `mine-own@${stage.fake.projectId}.iam.gserviceaccount.com`;
const events = (name: string): readonly EventSpec[] => [
  {
    type: 'queue',
    id: 'q',
    queue: `${name}-queue`,
    create: true,
    deadLetter: `${name}-dead`,
    retry: { maxAttempts: 2, delaySeconds: 1 },
  },
];
const own = (name: string): FunctionSpec => ({ source: FAILING, events: events(name) });
const others = (name: string): FunctionSpec => ({
  ...own(name),
  env: { OTHER: 'account' },
  providerOptions: { gcp: { serviceAccount: email() } },
});
const fresh = (name: string, spec: FunctionSpec) => stage.manager({ functions: { [name]: spec } });

async function givenUp(name: string): Promise<number> {
  const { world, projectId } = stage.fake;
  const letters = (): number =>
    world.pubsub.peek(`projects/${projectId}/subscriptions/${name}-dead`).length;
  const before = letters();
  world.pubsub.publish(`projects/${projectId}/topics/${name}-queue`, [
    { data: Buffer.from('"x"') },
  ]);
  for (let turn = 0; turn < 30 && letters() === before; turn += 1) {
    await stage.clock.advance(5_000);
    await stage.fake.settle();
  }
  return letters() - before;
}

/** Grants what a warning asks for, as its reader would. */
async function grant(resource: string, role: string, member: string): Promise<void> {
  const api = resource.includes('/topics/') ? 'pubsub' : 'iam';
  const hand = byHand(stage, api);
  const method = api === 'iam' ? 'POST' : 'GET';
  const policy = await hand.send(method, `/v1/${resource}:getIamPolicy`);
  const { bindings } = policy;
  const all: readonly unknown[] = Array.isArray(bindings) ? bindings : [];
  await hand.send('POST', `/v1/${resource}:setIamPolicy`, {
    policy: { ...policy, bindings: [...all, { role, members: [member] }] },
  });
}

async function makeAccount(): Promise<void> {
  const { projectId, projectNumber } = stage.fake;
  await byHand(stage, 'iam').send('POST', `/v1/projects/${projectId}/serviceAccounts`, {
    accountId: 'mine-own',
    serviceAccount: {},
  });
  await stage.clock.advance(120_000);
  await grant(
    `projects/${projectId}/serviceAccounts/${email()}`,
    'roles/iam.serviceAccountTokenCreator',
    `serviceAccount:service-${projectNumber}@gcp-sa-pubsub.iam.gserviceaccount.com`,
  );
}

describe('a rollback', () => {
  it('to the account that was made keeps its dead letters', async () => {
    await makeAccount();
    await (await fresh('made', own('made'))).deploy('made');
    const second = await fresh('made', others('made'));
    await second.deploy('made');
    await second.rollback('made');
    expect(await givenUp('made')).toBe(1);
  });

  it('to one of the user’s warns of what it lacks, as the deploy did', async () => {
    const first = await fresh('users', others('users'));
    const { warnings } = await first.deploy('users');
    const { projectId } = stage.fake;
    await grant(
      `projects/${projectId}/topics/users-dead`,
      'roles/pubsub.publisher',
      `serviceAccount:${email()}`,
    );
    const second = await fresh('users', own('users'));
    await second.deploy('users');
    const back = await second.rollback('users');
    expect(warnings[0]?.message).toContain('users-dead');
    expect(back.warnings).toMatchObject([
      { field: 'events.q', message: expect.stringContaining('topics/users-dead') },
    ]);
    expect(await givenUp('users')).toBe(1);
  });

  it('is no reason to keep rights for a version that is gone', async () => {
    await (await fresh('short', own('short'))).deploy('short');
    await (await fresh('short', { ...others('short'), keepVersions: 1 })).deploy('short');
    const { projectId } = stage.fake;
    const policy = await byHand(stage, 'pubsub').send(
      'GET',
      `/v1/projects/${projectId}/topics/short-dead:getIamPolicy`,
    );
    expect(JSON.stringify(policy)).not.toContain('serviceAccount:shop-dev-short');
  });
});
