import { fileURLToPath } from 'node:url';
import type { PackagingProfile } from '../spi/artifact.ts';
import type { CodeSpec } from './types.ts';

// The sources and the build have the same shape; only the extension differs.
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

const ownFile = (path: string): string =>
  fileURLToPath(new URL(`${path}${extension}`, import.meta.url));

/** What `polyfaas/function` is for every artifact, whatever copy the user's `node_modules` hold. */
export const FUNCTION_HOUSE = ownFile('../function/index');

/** The module of the function house that binds the user's module. */
export const BIND_MODULE = ownFile('../function/bind');

/** The folders of this library that can be in an artifact; named apart from the user's files in digests. */
export const OWN_FOLDER = fileURLToPath(new URL('../../', import.meta.url));

/** The name of the generated module in the bundler's messages. */
export const ENTRY_NAME = 'polyfaas-entry.js';

/**
 * The module that ties shim, function house and the user's module together. The shim comes first, so that it can
 * prepare the environment before the user's code runs. A probe, while packaging, asks what is handled and keeps
 * the shim from starting.
 */
export function entryModule(
  modules: { readonly user: string; readonly bind: string; readonly shim: string },
  spec: Pick<CodeSpec, 'handler' | 'signature'>,
  profile: Pick<PackagingProfile, 'shim'>,
): string {
  const options = {
    ...(spec.handler === undefined ? {} : { exportName: spec.handler }),
    ...(spec.signature === undefined ? {} : { signature: spec.signature }),
  };
  const lines = [
    `import { createEntry } from ${JSON.stringify(modules.shim)};`,
    `import { bindHandler } from ${JSON.stringify(modules.bind)};`,
    `import * as userModule from ${JSON.stringify(modules.user)};`,
    `const bound = bindHandler(userModule, ${JSON.stringify(options)});`,
    `const probe = globalThis[Symbol.for('polyfaas.probe')];`,
    `const entry = probe ? probe(bound) : createEntry(bound);`,
    // Names can be any words, `default` too.
    ...profile.shim.exports.flatMap((name, index) => [
      `const export${index} = entry[${JSON.stringify(name)}];`,
      `export { export${index} as ${exportAs(name)} };`,
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

const exportAs = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
