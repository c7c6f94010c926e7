/**
 * What an instance loads at its start, which every cold start pays for. A list of modules is exact where a time is not.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packagingProfile as aws } from '../../../providers/aws/shim/packaging.ts';
import { packagingProfile as azure } from '../../../providers/azure/shim/packaging.ts';
import { packagingProfile as gcp } from '../../../providers/gcp/shim/packaging.ts';
import { packagingProfile as vercel } from '../../../providers/vercel/shim/packaging.ts';
import { createPackager } from '../../../src/package/index.ts';
import type { PackagingProfile } from '../../../src/spi/index.ts';

const LISTS = `await import(process.argv[1]); process.stdout.write(JSON.stringify(process.moduleLoadList)); process.exit(0);`;
/** All of `fetch`, `Request` and `Response`: a second start of Node. It comes with any `import` of node:http, too. */
const FETCH = 'NativeModule internal/deps/undici/undici';
/** What else an `import` of node:util loads. */
const WHOLE_UTIL = 'NativeModule internal/util/parse_args/parse_args';
const LIMITS = { zipBytes: 1e9, unpackedBytes: 1e9 };

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'polyfaas-start-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** The builtin modules that are loaded once the bundle is. */
async function loadedBy(
  name: string,
  profile: PackagingProfile,
  source: string,
): Promise<readonly string[]> {
  const artifact = await createPackager({ root }).package({ name, spec: { source }, profile });
  const folder = await mkdtemp(join(root, 'unpacked-'));
  for (const { path, bytes } of await artifact.files()) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  const entry = pathToFileURL(join(folder, profile.entryFile)).href;
  const words = ['--input-type=module', '-e', LISTS, entry];
  const { stdout } = await promisify(execFile)(process.execPath, words, { env: {} });
  const list: readonly string[] = JSON.parse(stdout);
  return list;
}

describe.each<readonly [string, PackagingProfile]>([
  ['aws', aws(LIMITS)],
  ['azure', azure(LIMITS)],
  ['gcp', gcp(LIMITS)],
  ['vercel', vercel(LIMITS)],
])('an instance on %s', (name, profile) => {
  it('does not load fetch, nor what a whole node:util brings, for a function that does not ask for it', async () => {
    const source = 'export default { invoke: (input) => input };';
    const loaded = await loadedBy(name, profile, source);
    expect(loaded).not.toContain(FETCH);
    expect(loaded).not.toContain('NativeModule http2');
    expect(loaded).not.toContain(WHOLE_UTIL);
  });

  it('loads it for one that does, so that the list above can be wrong', async () => {
    const source = 'const { status } = new Response(); export default { invoke: () => status };';
    expect(await loadedBy(name, profile, source)).toContain(FETCH);
  });

  it('loads a whole node:util for one that imports it', async () => {
    const source =
      "import { inspect } from 'node:util'; export default { invoke: (input) => inspect(input) };";
    expect(await loadedBy(name, profile, source)).toContain(WHOLE_UTIL);
  });
});
