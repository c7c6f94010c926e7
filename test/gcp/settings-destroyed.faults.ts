/** Settings whose versions somebody destroyed or disabled: a full look sees it, and writes them anew. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { mapOf, textOf } from '../fakes/gcp/core/json.ts';
import { byHand } from './support/by-hand.ts';
import { placing } from './support/placing.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const fresh = (name: string, spec: FunctionSpec) => stage.manager({ functions: { [name]: spec } });

async function spoil(name: string, how: 'destroy' | 'disable'): Promise<void> {
  const hand = byHand(stage, 'secretmanager');
  const path = `/v1/projects/${stage.fake.projectId}/secrets/polyfaas-shop-dev-${name}/versions`;
  const { versions } = await hand.send('GET', path);
  for (const one of Array.isArray(versions) ? versions : []) {
    if (mapOf(one)['state'] !== 'ENABLED') continue;
    const number = textOf(mapOf(one)['name']).split('/').at(-1);
    await hand.send('POST', `${path}/${number}:${how}`, {});
  }
}

describe('settings', () => {
  it.each(['destroy', 'disable'] as const)(
    'of which every version met a %s are written anew by a full look',
    async (how) => {
      const name = `all-${how}`;
      const manager = await fresh(name, placing('a'));
      await manager.deploy(name);
      await spoil(name, how);
      await manager.deploy(name, { drift: 'full' });
      const next = await fresh(name, placing('a'));
      // An instance that runs looks at its settings again a moment later.
      const answer = async () => (await next.invoke(name).catch(() => null))?.output;
      await expect.poll(answer, { interval: 500 }).toBe('a');
      expect((await next.plan(name, { drift: 'full' })).steps).toEqual([]);
      const b = await fresh(name, placing('b'));
      await b.deploy(name);
      expect((await b.invoke(name)).output).toBe('b');
    },
  );

  it.each(['destroy', 'disable'] as const)(
    'that met a %s stop a new version, with a word of how they come back, which they do',
    async (how) => {
      const name = `unread-${how}`;
      const first = await fresh(name, placing('a'));
      await first.deploy(name);
      await spoil(name, how);
      const told = { code: 'CONFLICT', message: expect.stringContaining("drift: 'full'") };
      const caller = await fresh(name, placing('a'));
      await expect(caller.invoke(name)).rejects.toMatchObject(told);
      const b = await fresh(name, placing('b'));
      await expect(b.deploy(name)).rejects.toMatchObject(told);
      await b.deploy(name, { drift: 'full' });
      expect((await b.invoke(name)).output).toBe('b');
    },
  );
});
