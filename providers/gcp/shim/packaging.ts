/** How code is packaged for Cloud Functions: a bundle, and a small file in front of it that the framework loads. */
import { fileURLToPath } from 'node:url';
import type { PackagingProfile } from 'polyfaas/spi';
import { ENTRY_POINT, MANIFEST_FILE, SETTINGS_VARIABLE } from '../manifest.ts';

/** What `package.json` names as `main`. */
const MAIN_FILE = 'main.mjs';
/** The bundle of the shim and the user's code. */
export const BUNDLE_FILE = 'polyfaas.mjs';
/** Installed by the build. Exact, so that the same source is the same function a year later. */
const FRAMEWORK_VERSION = '5.0.5';

/**
 * The settings are taken out of the environment before any code of the user's is loaded, which has no use for the keys in
 * them. Code that cannot be loaded ends the process: Cloud Run then says that the revision is not ready, and the one
 * before it goes on; the line says why.
 */
const MAIN = `import { readFileSync } from 'node:fs';
import { http } from '@google-cloud/functions-framework';

const beganAt = performance.now();
const manifest = JSON.parse(readFileSync(new URL('./${MANIFEST_FILE}', import.meta.url), 'utf8'));
const settings = process.env['${SETTINGS_VARIABLE}'];
delete process.env['${SETTINGS_VARIABLE}'];
try {
  const { register } = await import('./${BUNDLE_FILE}');
  http('${ENTRY_POINT}', register(manifest, beganAt, settings));
} catch (error) {
  const { name = 'Error', message = String(error), stack = '' } = error ?? {};
  const line = {
    severity: 'ERROR',
    message: 'The code could not be loaded: ' + name + ': ' + message,
    polyfaas: 'load-error',
    version: manifest.version,
    error: { name, message, stack: String(stack).slice(0, 8000) },
  };
  process.stderr.write(JSON.stringify(line) + '\\n', () => process.exit(1));
}
`;

const SHIM_FILE = import.meta.url.endsWith('.ts') ? './index.ts' : './index.js';

/** @param target esbuild's word for the oldest Node runtime of Cloud Functions that is supported. */
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
    files: {
      [MAIN_FILE]: MAIN,
      'package.json': `${JSON.stringify(
        {
          name: 'polyfaas-function',
          version: '0.0.0',
          private: true,
          type: 'module',
          main: MAIN_FILE,
          dependencies: { '@google-cloud/functions-framework': FRAMEWORK_VERSION },
        },
        null,
        2,
      )}\n`,
    },
    limits,
  };
}
