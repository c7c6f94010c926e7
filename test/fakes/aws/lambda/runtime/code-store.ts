import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromBufferPromise } from 'yauzl';
import type { VersionConfig } from '../execution.ts';

const REPOSITORY_MODULES = fileURLToPath(new URL('../../../../../node_modules', import.meta.url));
/** What the managed runtimes bring along. Nothing else of the repository's packages can be seen from inside. */
const MANAGED_SCOPES = ['@aws-sdk', '@smithy', '@aws-crypto'];

/** Where the parts of a function lie. */
export interface Folders {
  readonly taskRoot: string;
  /** What Lambda has at `/opt`. Absent without layers. */
  readonly layers?: string;
}

type Code = Pick<VersionConfig, 'code' | 'codeSha256' | 'layers'>;

const digests = new WeakMap<Buffer, string>();

/** The digest of a zip, computed once. */
export function digestOf(zip: Buffer): string {
  const known = digests.get(zip);
  if (known !== undefined) return known;
  const digest = createHash('sha256').update(zip).digest('hex');
  digests.set(zip, digest);
  return digest;
}

/** Unpacked code: once per digest, shared by all instances. */
export class CodeStore {
  #root: Promise<string> | undefined;
  readonly #folders = new Map<string, Promise<string>>();

  async folders({ code, codeSha256, layers }: Code): Promise<Folders> {
    const name = codeSha256.replaceAll(/[^A-Za-z0-9]/g, '_');
    const taskRoot = this.#once(join('code', name), async (folder) => {
      if ('zip' in code) await unzip(code.zip, folder);
      else for (const [path, text] of Object.entries(code.files)) await write(folder, path, text);
    });
    if (!layers || layers.length === 0) return { taskRoot: await taskRoot };
    const together = digestOf(Buffer.from(layers.map(digestOf).join()));
    const opt = this.#once(join('layers', together), async (folder) => {
      // Later layers lie over earlier ones.
      for (const zip of layers) await unzip(zip, folder);
    });
    return { taskRoot: await taskRoot, layers: await opt };
  }

  async remove(): Promise<void> {
    const root = this.#root;
    this.#root = undefined;
    this.#folders.clear();
    if (root) await rm(await root, { recursive: true, force: true, maxRetries: 3 });
  }

  #once(path: string, fill: (folder: string) => Promise<void>): Promise<string> {
    const known = this.#folders.get(path);
    if (known) return known;
    const made = this.#make(path, fill);
    this.#folders.set(path, made);
    return made;
  }

  async #make(path: string, fill: (folder: string) => Promise<void>): Promise<string> {
    this.#root ??= makeRoot();
    const folder = join(await this.#root, path);
    await mkdir(folder, { recursive: true });
    await fill(folder);
    return folder;
  }
}

async function makeRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'fake-lambda-'));
  await mkdir(join(root, 'node_modules'));
  for (const scope of MANAGED_SCOPES)
    await symlink(join(REPOSITORY_MODULES, scope), join(root, 'node_modules', scope), 'junction');
  return root;
}

async function unzip(bytes: Buffer, folder: string): Promise<void> {
  const zip = await fromBufferPromise(bytes, { lazyEntries: true });
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry))
      chunks.push(Buffer.from(chunk));
    const isExecutable = ((entry.externalFileAttributes >>> 16) & 0o111) !== 0;
    await write(folder, entry.fileName, Buffer.concat(chunks), isExecutable);
  }
}

async function write(
  folder: string,
  path: string,
  content: string | Buffer,
  isExecutable = false,
): Promise<void> {
  const target = resolve(folder, path);
  if (relative(folder, target).startsWith('..'))
    throw new Error(`The code holds a path that leaves its folder: ${path}`);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
  if (isExecutable) await chmod(target, 0o755);
}
