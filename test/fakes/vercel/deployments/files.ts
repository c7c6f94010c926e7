/** `POST /v2/files`: contents of files, kept by their SHA-1 for later deployments. */
import { createHash } from 'node:crypto';
import { chmod, copyFile, link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { badRequest } from '../core/fault.ts';
import type { RestCall, WireReply } from '../core/ports.ts';
import type { WishedFile } from './request.ts';

const KIND = 0o170_000;
const LINK = 0o120_000;
const EXECUTABLE = 0o111;

export class FileStore {
  readonly #folder: string;
  /** Sizes of what was uploaded, by SHA-1. */
  readonly #sizes = new Map<string, number>();
  /** What is there, or being written. */
  readonly #kept = new Map<string, Promise<void>>();

  /** @param folder where contents are kept; it is made when there is one */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async upload({ headers, rawBody }: RestCall): Promise<WireReply> {
    const type = headers['content-type'] ?? '';
    if (!type.startsWith('application/octet-stream')) {
      throw badRequest('The content type must be application/octet-stream.');
    }
    const digest = headers['x-now-digest'] ?? headers['x-vercel-digest'];
    if (digest === undefined) throw badRequest('Missing required header: x-vercel-digest');
    for (const name of ['content-length', 'x-now-size']) {
      const told = headers[name];
      if (told !== undefined && Number(told) !== rawBody.length) {
        throw badRequest(`The header ${name} is ${told}; the file has ${rawBody.length} bytes.`);
      }
    }
    const sha = createHash('sha1').update(rawBody).digest('hex');
    if (sha !== digest) {
      throw badRequest(`The digest of the file is ${sha}, and not ${digest}.`);
    }
    await this.#keep(sha, rawBody);
    this.#sizes.set(sha, rawBody.length);
    return { status: 200, body: {} };
  }

  /** Those that were never uploaded, each once. */
  missing(files: readonly WishedFile[]): readonly string[] {
    const missing = new Set<string>();
    for (const { path, content } of files) {
      if (content === 'folder' || 'data' in content) continue;
      const size = this.#sizes.get(content.sha);
      if (size === undefined) missing.add(content.sha);
      else if (size !== content.size) {
        throw badRequest(`The file "${path}" has ${size} bytes, and not ${content.size}.`);
      }
    }
    return [...missing];
  }

  /** Puts a deployment's files into a folder. */
  async materialise(folder: string, files: readonly WishedFile[]): Promise<void> {
    await Promise.all(
      files.map(async ({ path, mode, content }) => {
        const target = join(folder, path);
        await mkdir(content === 'folder' ? target : dirname(target), { recursive: true });
        if (content === 'folder') return;
        const data = 'data' in content ? content.data : undefined;
        const sha = 'data' in content ? shaOf(content.data) : content.sha;
        if (data) await this.#keep(sha, data);
        await this.#place(sha, { folder, target, mode });
      }),
    );
  }

  async #place(
    sha: string,
    {
      folder,
      target,
      mode,
    }: { readonly folder: string; readonly target: string; readonly mode: number },
  ): Promise<void> {
    const kept = join(this.#folder, sha);
    if ((mode & KIND) === LINK) {
      const aim = await readFile(kept, 'utf8');
      if (!resolve(dirname(target), aim).startsWith(`${folder}${sep}`)) {
        throw badRequest(`The link to "${aim}" leads out of the deployment.`);
      }
      await symlink(aim, target);
    } else if ((mode & EXECUTABLE) === 0) {
      // Functions may not write to their files: all deployments share them.
      await link(kept, target);
    } else {
      await copyFile(kept, target);
      await chmod(target, mode & 0o777);
    }
  }

  #keep(sha: string, bytes: Buffer): Promise<void> {
    const kept = this.#kept.get(sha) ?? this.#write(sha, bytes);
    this.#kept.set(sha, kept);
    return kept;
  }

  async #write(sha: string, bytes: Buffer): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(join(this.#folder, sha), bytes);
  }
}

function shaOf(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex');
}
