import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isMap, mapOf, textOf, type JsonMap } from '../core/json.ts';
import { BuildStepError } from './build-failure.ts';
import { FRAMEWORK } from './worker-process.ts';

const FRAMEWORK_NAME = '@google-cloud/functions-framework';

/**
 * What `npm install` (with a lockfile: `npm ci`) comes to in a build that reaches no registry: the framework is there in
 * the version of this repository, what the source brings in its own `node_modules` is there, and nothing else is.
 */
export async function installDependencies(folder: string, manifest: JsonMap): Promise<void> {
  const dependencies = mapOf(manifest['dependencies']);
  await checkLockfile(folder, dependencies);
  for (const [name, wish] of Object.entries(dependencies)) {
    if (name === FRAMEWORK_NAME) await linkFramework(folder, textOf(wish));
    else if (!existsSync(join(folder, 'node_modules', name, 'package.json')))
      throw new BuildStepError(notFound(name, textOf(wish)));
  }
}

async function linkFramework(folder: string, wish: string): Promise<void> {
  const version = frameworkVersion();
  if (!accepts(wish, version)) {
    throw new BuildStepError(
      `npm error code ETARGET\nnpm error notarget No matching version found for ${FRAMEWORK_NAME}@${wish}.`,
    );
  }
  const link = join(folder, 'node_modules', FRAMEWORK_NAME);
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { recursive: true, force: true });
  await symlink(FRAMEWORK, link, 'junction');
}

function frameworkVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(FRAMEWORK, 'package.json'), 'utf8'));
  return textOf(mapOf(manifest)['version']);
}

/** Whether the version is one that a range takes: of ranges, only those that npm writes by itself. */
function accepts(wish: string, version: string): boolean {
  if (['', '*', 'latest', version].includes(wish)) return true;
  const [, kind, wished = ''] = /^([\^~])(\d+\.\d+\.\d+)$/.exec(wish) ?? [];
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const [least = 0, leastMinor = 0, leastPatch = 0] = wished.split('.').map(Number);
  if (kind === undefined || major !== least) return false;
  if (minor === leastMinor) return patch >= leastPatch;
  return kind === '^' && minor > leastMinor;
}

/** `npm ci` wants a lockfile that says what package.json says. */
async function checkLockfile(folder: string, dependencies: JsonMap): Promise<void> {
  const file = join(folder, 'package-lock.json');
  if (!existsSync(file)) return;
  const lock = parsed(await readFile(file, 'utf8'));
  const root = mapOf(mapOf(mapOf(lock)['packages'])['']);
  const locked = mapOf(root['dependencies']);
  const names = new Set([...Object.keys(locked), ...Object.keys(dependencies)]);
  const differing = [...names].filter((name) => locked[name] !== dependencies[name]);
  if (isMap(lock) && differing.length === 0) return;
  throw new BuildStepError(
    `npm error code EUSAGE\nnpm error \`npm ci\` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with \`npm install\` before continuing.\nnpm error Missing: ${differing.join(', ')} from lock file`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notFound(name: string, wish: string): string {
  return `npm error code E404\nnpm error 404  '${name}@${wish}' is not in this registry.`;
}
