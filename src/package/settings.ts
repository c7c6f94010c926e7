import { hash } from 'node:crypto';
import { extname } from 'node:path';
import type { JsonObject } from '../function/json.types.ts';
import { sorted } from './digest.ts';
import { entryModule } from './entry-module.ts';
import { refused } from './errors.ts';
import type { PackageRequest } from './types.ts';

const EXTENSIONS = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];

/** Refuses an entry in a language that is not bundled. */
export function checkExtension(functionName: string, entry: string): void {
  if (EXTENSIONS.includes(extname(entry))) return;
  throw refused(
    functionName,
    `\`entry\` is "${entry}". Only ${EXTENSIONS.join(' ')} can be bundled. For another language, give a zip as \`artifact\` or a container as \`image\`.`,
  );
}

/** Refuses a path that the bundler takes for a pattern. */
export function checkPath(functionName: string, entry: string, absolute: string): void {
  if (!absolute.includes('*')) return;
  const what = entry.includes('*')
    ? `\`entry\` is "${entry}". Rename what has a "*" in its name`
    : `the root is "${absolute.slice(0, -entry.length - 1)}". Rename the folder that has a "*" in its name`;
  throw refused(functionName, `${what}: the bundler takes "*" for a part of a pattern.`);
}

/** All settings that decide what is in the artifact, with nothing in them that only this machine knows. */
export function settingsOf(request: PackageRequest, entry: string | undefined): JsonObject {
  const { spec, profile } = request;
  return {
    entry: entry ?? null,
    source: spec.source === undefined ? null : hash('sha256', spec.source),
    handles: spec.handles ? [...spec.handles] : null,
    external: [...(spec.package?.external ?? [])].sort(),
    minify: spec.package?.minify ?? true,
    format: profile.format,
    target: profile.target,
    entryFile: profile.entryFile,
    platformModules: [...profile.external].sort(),
    files: { ...profile.files },
    entryModule: entryModule({ user: 'user', bind: 'bind', shim: 'shim' }, spec, profile),
  };
}

/** Names one way of packaging in the cache of this machine. */
export function cacheKeyOf(settings: JsonObject, request: PackageRequest): string {
  const { spec, profile } = request;
  const key = {
    settings,
    shim: profile.shim.modulePath,
    include: [...(spec.package?.include ?? [])],
  };
  return hash('sha256', JSON.stringify(sorted(key))).slice(0, 40);
}
