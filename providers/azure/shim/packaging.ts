/** How code is packaged for Azure Functions: a bundle, and a small file in front of it that the worker loads. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerlessError, type PackagingProfile } from 'polyfaas/spi';
import { DIRECT_ROUTE, MANIFEST_FILE, OWN_FUNCTIONS, SETTING } from '../manifest.ts';

/** What `package.json` names as `main`. */
export const MAIN_FILE = 'main.mjs';
/** The bundle of the shim and the user's code. */
export const BUNDLE_FILE = 'polyfaas.mjs';
/** The vendor's programming model, in a folder that nothing of the user's can be in. */
const LIBRARY_FOLDER = 'azure';
const LIBRARY_FILE = `${LIBRARY_FOLDER}/functions.cjs`;
/** On the answer of the hidden function when the code could not be loaded. */
export const LOAD_ERROR_HEADER = 'x-polyfaas-load-error';

/**
 * The variables of this version get their own names before any code of the user's is loaded, and those of other versions
 * go. So it is with what follows from the bindings of this package, and of others. The invoke keys go too, for which no
 * code of the user's has a use. When the code cannot be loaded, the hidden function says why to whoever holds the host's
 * key.
 */
const MAIN = `import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const beganAt = performance.now();
const manifest = JSON.parse(readFileSync(new URL('./${MANIFEST_FILE}', import.meta.url), 'utf8'));
const { env } = process;
for (const name of manifest.env) {
  const value = env['${SETTING.version}' + manifest.version + '_' + name];
  if (value !== undefined) env[name] = value;
}
for (const name of Object.keys(env)) if (name.startsWith('${SETTING.version}')) delete env[name];
const own = '${SETTING.package}' + manifest.settings + '_';
for (const name of Object.keys(env)) {
  if (!name.startsWith('${SETTING.package}')) continue;
  if (name.startsWith(own)) env['POLYFAAS_' + name.slice(own.length)] = env[name];
  delete env[name];
}
const keys = env['${SETTING.invokeKeys}'];
delete env['${SETTING.invokeKeys}'];
const library = createRequire(import.meta.url)('./${LIBRARY_FILE}');
try {
  const { register } = await import('./${BUNDLE_FILE}');
  register(library, manifest, beganAt, keys);
} catch (error) {
  console.error('polyfaas: the code could not be loaded:', error);
  const { name = 'Error', message = String(error), stack = '' } = error ?? {};
  library.app.http('${OWN_FUNCTIONS.direct}', {
    methods: ['POST'],
    authLevel: 'function',
    route: '${DIRECT_ROUTE}',
    handler: () => ({
      status: 500,
      headers: { '${LOAD_ERROR_HEADER}': '1' },
      jsonBody: { version: manifest.version, name, message, stack: String(stack).slice(0, 8000) },
    }),
  });
}
`;

const SHIM_FILE = import.meta.url.endsWith('.ts') ? './index.ts' : './index.js';

/** @param target esbuild's word for the oldest Node runtime of Azure Functions that is supported. */
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
    // The worker brings it along.
    external: ['@azure/functions-core'],
    // Read when something is packaged, so that those who only call functions need no such package.
    get files() {
      return {
        [MAIN_FILE]: MAIN,
        ...libraryFiles(),
        'package.json': `${JSON.stringify({ name: 'polyfaas-function', version: '0.0.0', main: MAIN_FILE }, null, 2)}\n`,
      };
    },
    limits,
  };
}

let library: Readonly<Record<string, string>> | undefined;

/**
 * The library and what it requires, each in one file. Without it the worker would load the third major version, which is
 * another model.
 */
function libraryFiles(): Readonly<Record<string, string>> {
  if (library !== undefined) return library;
  try {
    const main = createRequire(import.meta.url).resolve('@azure/functions');
    const { resolve } = createRequire(main);
    const required = (name: string): [string, string] => [
      `${LIBRARY_FOLDER}/node_modules/${name}/index.js`,
      scriptOf(resolve(name)),
    ];
    library = Object.fromEntries([
      [LIBRARY_FILE, scriptOf(join(dirname(main), 'azure-functions.min.js'))],
      required('cookie'),
      required('@azure/functions-extensions-base'),
    ]);
    return library;
  } catch (cause) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'azure',
      message:
        'Packaging for Azure Functions needs the package @azure/functions, version 4. Install it: npm install @azure/functions',
      cause,
    });
  }
}

function scriptOf(file: string): string {
  // The map that the comment at its end names is not there.
  return readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
}
