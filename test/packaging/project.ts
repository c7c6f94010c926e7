/** Small projects in a temporary folder. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { createPackager } from '../../src/package/index.ts';
import type { CodeSpec, Packager, PackagerOptions } from '../../src/package/index.ts';
import type { Artifact, PackagingProfile } from '../../src/spi/artifact.ts';

/** The shim that the tests deploy with: one exported function that makes direct calls. */
export const SHIM = fileURLToPath(new URL('./fixtures/shim.ts', import.meta.url));

export const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** A folder that is gone when the test ends. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'polyfaas-test-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Writes files: path to contents. */
export function write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents);
  }
}

export const profile = (changes: Partial<PackagingProfile> = {}): PackagingProfile => ({
  format: 'esm',
  target: 'node22',
  entryFile: 'index.mjs',
  shim: { modulePath: SHIM, exports: ['handler'] },
  external: [],
  limits: {},
  ...changes,
});

export interface Project {
  readonly root: string;
  readonly packager: Packager;
  write(files: Readonly<Record<string, string | Uint8Array>>): void;
  package(spec: CodeSpec, changes?: Partial<PackagingProfile>): Promise<Artifact>;
}

/** A project of the files given, with a packager for it. */
export function project(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Partial<PackagerOptions> = {},
): Project {
  const root = options.root ?? temporaryFolder();
  write(root, files);
  const packager = createPackager({ root, ...options });
  return {
    root,
    packager,
    write: (more) => write(root, more),
    package: (spec, changes) =>
      packager.package({ name: 'orders', spec, profile: profile(changes) }),
  };
}

/** The names of an artifact's files. */
export const namesOf = async (artifact: Artifact): Promise<string[]> =>
  (await artifact.files()).map(({ path }) => path);

/** The text of one file of an artifact. */
export async function textOf(artifact: Artifact, path: string): Promise<string> {
  const file = (await artifact.files()).find((candidate) => candidate.path === path);
  if (!file) throw new Error(`no file "${path}" in the artifact`);
  return Buffer.from(file.bytes).toString('utf8');
}

/** Unpacks an artifact and imports its entry, as a platform does. */
export async function load(artifact: Artifact): Promise<Readonly<Record<string, unknown>>> {
  const folder = temporaryFolder();
  for (const { path, bytes } of await artifact.files()) write(folder, { [path]: bytes });
  const loaded: Readonly<Record<string, unknown>> = await import(join(folder, artifact.entryFile));
  return loaded;
}

/** Unpacks an artifact and makes one direct call to it. */
export async function call(artifact: Artifact, event: unknown): Promise<unknown> {
  const { handler } = await load(artifact);
  if (typeof handler !== 'function') throw new Error('the entry exports no function "handler"');
  return handler(event);
}
