import { describe, expect, it } from 'vitest';
import { packageReport } from '../../src/package/index.ts';
import { standInEnv } from '../../src/package/stand-in-env.ts';
import { profile, project, temporaryFolder } from './project.ts';

const NEEDS = `const { DB, KEY } = process.env;
if (!KEY) throw new Error('KEY is not set');
const host = new URL(DB).hostname;
export default { invoke: async () => [host, Object.keys(process.env).sort()] };`;
const IN_PROCESS = `import { execFile } from 'node:child_process';\nexport const x = execFile;\n`;

const env = standInEnv({
  DB: { $secret: 'orders/db' },
  KEY: 'k',
  NODE_OPTIONS: '--no-such-option',
});

describe('code that needs its environment to be loaded', () => {
  it.each([
    ['a thread', NEEDS],
    ['a process', IN_PROCESS + NEEDS],
  ])('finds the declared one in %s', async (_where, text) => {
    const { packager } = project({ 'a.ts': text });
    const request = { name: 'orders', spec: { entry: 'a.ts' }, profile: profile() };
    await expect(packager.package(request)).rejects.toThrow('KEY is not set');
    const artifact = await packager.package({ ...request, env });
    expect(artifact.handles).toEqual(['invoke']);
    // The code is the same whatever the environment: so is what it is called.
    expect(await packager.package(request)).toMatchObject({ digest: artifact.digest });
    const options = { loads: 1, folder: temporaryFolder() };
    expect((await packageReport(artifact, options)).loadMs).toBeNull();
    expect((await packageReport(artifact, options, env)).loadMs).toBeGreaterThan(0);
  });

  it('finds nothing of the process that packages, and a URL for a secret', async () => {
    const seen =
      'export const at = Object.entries(process.env).sort().join(" ");\nthrow new Error(`saw ${at}.`);';
    const { packager } = project({ 'a.ts': seen });
    const request = { name: 'orders', spec: { entry: 'a.ts' }, profile: profile(), env };
    await expect(packager.package(request)).rejects.toThrow('saw DB,https://secret.invalid KEY,k.');
  });
});
