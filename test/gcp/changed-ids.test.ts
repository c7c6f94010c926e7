/** A function whose id in `functionIds` was changed stays where it is, and whoever touches it is told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secret, type FunctionSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { byHand } from './support/by-hand.ts';
import { placing } from './support/placing.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const named = (name: string, id?: string, spec: FunctionSpec = placing('a')) =>
  stage.manager({
    functions: { [name]: spec },
    ...(id === undefined ? {} : { providerOptions: { gcp: { functionIds: { [name]: id } } } }),
  });

async function listed(manager: ServerlessManager, name: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const one of manager.list()) if (one.name === name) found.push(one.physicalName);
  return found;
}

describe('an id that was changed', () => {
  it.each([
    ['given', undefined, 'other-given', 'shop-dev-given'],
    ['taken', 'other-taken', undefined, 'other-taken'],
  ] as const)(
    'by one that was %s is refused, with both ways out, and nothing is lost',
    async (name, before, after, deployedAs) => {
      const first = await named(name, before);
      await first.deploy(name);
      const changed = await named(name, after);
      const inventory = stage.fake.inventory();
      const refused = {
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(
          new RegExp(`functionIds\\.${name}: .*set the id to "${deployedAs}" and keep it.*remove`),
        ),
      };
      await expect(changed.deploy(name)).rejects.toMatchObject(refused);
      await expect(changed.remove(name)).rejects.toMatchObject(refused);
      expect(stage.fake.inventory()).toEqual(inventory);
      expect(await listed(changed, name)).toEqual([deployedAs]);
      expect((await first.invoke(name)).output).toBe('a');
      // The second way out.
      await first.remove(name);
      await changed.deploy(name);
      expect((await changed.invoke(name)).output).toBe('a');
      await changed.remove(name);
      expect(stage.fake.inventory().filter((line) => line.includes(name))).toEqual([]);
    },
  );

  it('leaves the service account, with all its rights, to whoever still works as it', async () => {
    const hand = byHand(stage, 'secretmanager');
    const path = `/v1/projects/${stage.fake.projectId}/secrets`;
    await hand.send('POST', `${path}?secretId=db`, { replication: { automatic: {} } });
    await hand.send('POST', `${path}/db:addVersion`, { payload: { data: 'cHc=' } });
    const first = await named('twice', undefined, { ...placing('a'), env: { DB: secret('db') } });
    await first.deploy('twice');
    const granted = await hand.send('GET', `${path}/db:getIamPolicy`);
    // As if it had been deployed before anybody looked for another name.
    const labels = {
      'polyfaas-app': 'shop',
      'polyfaas-stage': 'dev',
      'polyfaas-function': 'twice',
    };
    const body = { replication: { automatic: {} }, labels };
    await hand.send('POST', `${path}?secretId=polyfaas-other-twice`, body);
    await first.remove('twice');
    expect(stage.fake.inventory().filter((line) => line.includes('twice'))).toEqual([
      'secret polyfaas-other-twice',
      expect.stringMatching(/^service account shop-dev-twice/),
    ]);
    expect(await hand.send('GET', `${path}/db:getIamPolicy`)).toEqual(granted);
    expect(JSON.stringify(granted)).toContain('shop-dev-twice');
  });
});
