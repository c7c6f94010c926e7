import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager, ServerlessError } from 'polyfaas';
import { LOCAL } from 'polyfaas/local';
import { expect, it, onTestFinished } from 'vitest';
import { findIncluded, readIncluded } from '../../../src/package/include.ts';

it('an included file that goes before it is read is named, with what to do', () => {
  const root = mkdtempSync(join(tmpdir(), 'polyfaas-include-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'prices.json'), '{}');
  const found = findIncluded(root, 'orders', ['*.json']);
  rmSync(join(root, 'prices.json'));
  const reading = (): unknown => readIncluded(root, 'orders', found);
  expect(reading).toThrow(ServerlessError);
  expect(reading).toThrow(
    /^Function "orders": `package\.include`: "prices\.json" was found, and cannot be read: ENOENT/,
  );
});

it.each(['state', '.'])(
  'never takes what the local provider keeps, in the folder "%s"',
  async (stateFolder) => {
    const root = mkdtempSync(join(tmpdir(), 'polyfaas-include-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    writeFileSync(join(root, 'prices.json'), '{}');
    const a = {
      source: 'export default () => process.env.KEY.length',
      env: { KEY: { $secret: 'shop/key' } },
      package: { include: ['**/*.json'] },
    };
    await using manager = await createServerlessManager({
      app: 'shop',
      root,
      providerOptions: { local: { stateFolder } },
      functions: { a },
    });
    manager.native(LOCAL)?.secrets.set('shop/key', 'S3cr3t');
    await manager.deploy('a');
    expect((await manager.invoke('a')).output).toBe(6);
    expect([...findIncluded(root, 'a', ['**/*.json', '*.*']).keys()]).toEqual(['prices.json']);
    expect((await manager.plan('a')).steps).toEqual([]);
    for (const pattern of [join(stateFolder, 'secrets.json'), join(stateFolder, 'state.db')])
      expect(() => findIncluded(root, 'a', [pattern])).toThrow(
        /state that the local provider keeps/,
      );
  },
);
