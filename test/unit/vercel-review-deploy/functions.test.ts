/** Whole deploys, one after the other, in projects that fill up or were somebody else's. */
import { describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { outputFiles } from '../../../providers/vercel/build-output/files.ts';
import { inFolder } from '../../../providers/vercel/build-output/folder.ts';
import { createClients } from '../../../providers/vercel/clients/create.ts';
import { CODE, outputInput } from '../vercel-build-output/inputs.ts';
import { createStage } from './stage.ts';

const code = (answer: string): string =>
  `if (process.env.BREAK_INIT) throw new Error('told to'); export const handler = async () => '${answer}';`;
const BROKEN = { BREAK_INIT: '1' };

describe('an environment of 28 KB', () => {
  const spec = (letter: string, env: Readonly<Record<string, string>> = {}): FunctionSpec => ({
    source: code(letter),
    handles: ['invoke'],
    env: { LARGE: letter.repeat(28_000), ...env },
  });

  it('is changed again and again', async () => {
    const stage = await createStage();
    for (const letter of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      const manager = await stage.manager(spec(letter));
      await manager.deploy('orders');
      expect((await manager.invoke('orders', 1)).output).toBe(letter);
    }
    const manager = await stage.manager(spec('g'));
    const { versions = [] } = (await manager.describe('orders')) ?? {};
    expect(versions).toHaveLength(5);
    await manager.rollback('orders', { version: versions[0]?.version });
    expect((await manager.invoke('orders', 1)).output).toBe('c');
    await manager.deploy('orders');
    expect((await manager.invoke('orders', 1)).output).toBe('g');
  });

  it('is deployed after deploys that failed', async () => {
    const stage = await createStage();
    await (await stage.manager(spec('a'))).deploy('orders');
    for (const letter of ['b', 'c']) {
      const manager = await stage.manager(spec(letter, BROKEN));
      await expect(manager.deploy('orders')).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
      expect((await manager.invoke('orders', 1)).output).toBe('a');
    }
    const manager = await stage.manager(spec('d'));
    await manager.deploy('orders');
    expect((await manager.invoke('orders', 1)).output).toBe('d');
    const kept = stage.fake.inventory().filter((line) => line.includes('POLYFAAS_ENV_'));
    expect(kept.length).toBeLessThanOrEqual(2);
  });
});

describe('keys', () => {
  it('of a live function stay valid, however many changes of them fail', async () => {
    const stage = await createStage();
    const spec = (invokeKeyId: string, env: Readonly<Record<string, string>>): FunctionSpec => ({
      source: code('a'),
      handles: ['invoke'],
      env,
      providerOptions: { vercel: { invokeKeyId } },
    });
    await (await stage.manager(spec('k1', {}))).deploy('orders');
    for (const id of ['k2', 'k3', 'k4']) {
      const manager = await stage.manager(spec(id, BROKEN));
      await expect(manager.deploy('orders')).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
      expect((await manager.invoke('orders', 1)).output).toBe('a');
    }
  });
});

describe('a project that was taken over', () => {
  it('keeps what its former owner deployed, and its variables', async () => {
    const stage = await createStage();
    const { fake } = stage;
    const { id, name } = await fake.stranger('shop-dev-orders');
    const theirs = createClients({
      token: fake.observerToken,
      team: fake.teamId,
      apiEndpoint: fake.api,
      queueEndpoint: fake.queueEndpoint,
    });
    const body = { name, project: id, projectSettings: { framework: null }, meta: { branch: 'x' } };
    const { signal } = new AbortController();
    await inFolder(outputFiles(CODE, outputInput()), (folder) =>
      theirs.deploy({ folder, body, signal }),
    );
    await theirs.close();
    for (const answer of ['a', 'b', 'c']) {
      const manager = await stage.manager({ source: code(answer) });
      await manager.deploy('orders', {
        adopt: true,
        spec: { source: code(answer), keepVersions: 1 },
      });
      expect((await manager.invoke('orders', 1)).output).toBe(answer);
    }
    const inventory = fake.inventory();
    expect(inventory.filter((line) => line.startsWith('deployment'))).toHaveLength(2);
    expect(inventory.some((line) => line.includes('OWNER'))).toBe(true);
  });
});

describe('a domain of one function', () => {
  it('is told by nobody as long as it does not lead there', async () => {
    const stage = await createStage();
    const spec: FunctionSpec = {
      source: code('a'),
      handles: ['http'],
      events: [{ type: 'http', path: '/orders' }],
      providerOptions: { vercel: { domain: 'api.example.com' } },
    };
    const manager = await stage.manager(spec);
    const { url } = await manager.deploy('orders');
    expect(url).toMatch(/^http:/);
    expect((await manager.describe('orders'))?.url).toBe(url);
    expect((await manager.deploy('orders')).url).toBe(url);
  });
});
