/** How code is packaged for Vercel: a bundle, and a small file in front of it that Vercel's runtime loads. */
import { fileURLToPath } from 'node:url';
import type { PackagingProfile } from 'polyfaas/spi';
import { MANIFEST_FILE, VARIABLE } from '../manifest.ts';

/** What `.vc-config.json` names as `handler`. */
export const ENTRY_FILE = 'index.mjs';
/** The bundle of the shim and the user's code. */
export const BUNDLE_FILE = 'polyfaas.mjs';

/**
 * Puts the environment in order before any code of the user's is loaded: the version's own variables come in, secrets get
 * the names that they were declared by, and what is ours goes. Code that cannot be loaded makes the module fail, which
 * Vercel answers each request with (`FUNCTION_INVOCATION_FAILED`); the line says why.
 */
const ENTRY = `import { readFileSync } from 'node:fs';

const beganAt = performance.now();
const manifest = JSON.parse(readFileSync(new URL('./${MANIFEST_FILE}', import.meta.url), 'utf8'));
const { env } = process;

const take = (name) => {
  const value = env[name];
  delete env[name];
  return value;
};

const needed = (name) => {
  const value = env[name];
  if (value !== undefined) return value;
  throw new Error('The environment variable ' + name + ' is not there. Deploy the function again.');
};

const parsed = (name) => {
  const text = needed(name);
  try {
    return JSON.parse(text);
  } catch {
    // What is wrong with it would quote it.
    throw new Error('The environment variable ' + name + ' is no JSON. Deploy the function again.');
  }
};

const prepare = () => {
  const keys = take('${VARIABLE.invokeKeys}');
  const cronSecret = take('${VARIABLE.cronSecret}');
  const secrets = Object.entries(manifest.secrets).map(([name, from]) => [name, needed(from)]);
  const plain = manifest.envVariable === null ? {} : parsed(manifest.envVariable);
  for (const name of Object.keys(env)) if (name.startsWith('${VARIABLE.env}')) delete env[name];
  Object.assign(env, plain, Object.fromEntries(secrets));
  return { keys, cronSecret };
};

let listener;
try {
  const given = prepare();
  const { register } = await import('./${BUNDLE_FILE}');
  listener = register(manifest, beganAt, given);
} catch (error) {
  const { name = 'Error', message = String(error), stack = '' } = error ?? {};
  const line = {
    polyfaas: 'load-error',
    level: 'error',
    message: 'The code could not be loaded: ' + name + ': ' + message,
    version: manifest.version,
    error: { name, message, stack: String(stack).slice(0, 8000) },
  };
  await new Promise((resolve) => process.stderr.write(JSON.stringify(line) + '\\n', resolve));
  throw error;
}

export default (request, response) => listener(request, response);
`;

const SHIM_FILE = import.meta.url.endsWith('.ts') ? './index.ts' : './index.js';

/** @param target esbuild's word for the oldest Node runtime of Vercel's that is supported. */
export function packagingProfile(
  limits: PackagingProfile['limits'],
  target = 'node22',
): PackagingProfile {
  return {
    format: 'esm',
    target,
    entryFile: BUNDLE_FILE,
    shim: {
      modulePath: fileURLToPath(new URL(SHIM_FILE, import.meta.url)),
      exports: ['register'],
    },
    external: [],
    files: { [ENTRY_FILE]: ENTRY },
    limits,
  };
}
