import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { isMap, type JsonMap } from '../core/json.ts';
import { BuildStepError } from './build-failure.ts';
import { installDependencies } from './npm-install.ts';

/**
 * What the buildpacks of Node.js do with a source: they look at package.json, install what it names, and see that the
 * function's file is there and is JavaScript. They do not run it.
 *
 * @see https://github.com/GoogleCloudPlatform/buildpacks (cmd/nodejs)
 * @throws BuildStepError
 */
export async function buildFolder(folder: string): Promise<void> {
  const manifest = await readManifest(folder);
  await installDependencies(folder, manifest);
  const file = functionFile(folder, manifest);
  if (file === undefined) {
    const main = manifest['main'];
    const name = typeof main === 'string' && main !== '' ? main : 'function.js';
    throw new BuildStepError(`${name} does not exist`);
  }
  await checkSyntax(folder, file, manifest['type'] === 'module');
}

async function readManifest(folder: string): Promise<JsonMap> {
  const file = join(folder, 'package.json');
  // Sources may do without: the buildpack brings the framework then.
  if (!existsSync(file)) return {};
  const text = await readFile(file, 'utf8');
  try {
    const manifest: unknown = JSON.parse(text);
    if (isMap(manifest)) return manifest;
    throw new TypeError('json: cannot unmarshal into Go value of type nodejs.PackageJSON');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BuildStepError(`unmarshalling package.json: ${reason}`);
  }
}

/** `main` of package.json, else index.js, else function.js. */
function functionFile(folder: string, { main }: JsonMap): string | undefined {
  const named = typeof main === 'string' && main !== '' ? [main, `${main}.js`] : [];
  const names = named.length > 0 ? named : ['index.js', 'function.js'];
  return names
    .map((name) => join(folder, name))
    .find(
      (file) =>
        !relative(folder, file).startsWith('..') && existsSync(file) && statSync(file).isFile(),
    );
}

const checked = new Map<string, Promise<string>>();

/** `node --check`, once for each content. */
async function checkSyntax(folder: string, file: string, isModule: boolean): Promise<void> {
  const bytes = await readFile(file);
  const key = createHash('sha256')
    .update(`${extname(file)} ${isModule}\n`)
    .update(bytes)
    .digest('hex');
  const problem = checked.get(key) ?? syntaxProblem(folder, file);
  checked.set(key, problem);
  const text = await problem;
  if (text !== '') throw new BuildStepError(text);
}

function syntaxProblem(folder: string, file: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--check', file], {
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (part: string) => {
      text += part;
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) =>
      resolve(code === 0 ? '' : text.replaceAll(folder, '/workspace').trim()),
    );
  });
}
