/** A zip of another build, with whatever export its handler has. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager } from 'polyfaas';
import { expect, it, onTestFinished } from 'vitest';
import { writeZip } from '../../../src/package/zip.ts';

async function answerOf(code: string): Promise<unknown> {
  const root = mkdtempSync(join(tmpdir(), 'polyfaas-prebuilt-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const zip = await writeZip([{ path: 'index.mjs', mode: 0o644, bytes: Buffer.from(code) }]);
  writeFileSync(join(root, 'a.zip'), zip);
  await using manager = await createServerlessManager({
    app: 'shop',
    root,
    functions: { a: { artifact: './a.zip', handles: ['invoke'] } },
  });
  await manager.deploy('a');
  return (await manager.invoke('a', { id: 7 })).output;
}

it.each([
  ['polyfaas, a function', 'export const polyfaas = (input) => input.id;'],
  ['polyfaas, handlers', 'export const polyfaas = { invoke: async (input) => input.id };'],
  ['polyfaas before default', 'export default () => 0; export const polyfaas = ({ id }) => id;'],
  ['default', 'export default (input) => input.id;'],
  ['handler', 'export const handler = async (event) => event.id;'],
])('runs what it exports as %s', async (_name, code) => {
  expect(await answerOf(code)).toBe(7);
});

it('is told what it has to export, where it exports no handler', async () => {
  await expect(answerOf('export const polyfaas = 5;')).rejects.toMatchObject({
    code: 'FUNCTION_FAILED',
    message: expect.stringMatching(/did not start: .*(?:export|handler)/),
  });
});
