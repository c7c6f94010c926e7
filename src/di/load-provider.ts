import { pathToFileURL } from 'node:url';
import { ContainerModule } from 'inversify';
import { ServerlessError } from '../errors/index.ts';
import { redact } from '../errors/redact.ts';
import { adapterFile } from './adapter-file.ts';

/** The adapters in this package. Each is loaded, with its SDK, only when it is chosen. */
const BUILT_IN: Readonly<Record<string, () => Promise<object>>> = {
  local: () => import('polyfaas/local'),
  aws: () => import('polyfaas/aws'),
  azure: () => import('polyfaas/azure'),
  gcp: () => import('polyfaas/gcp'),
  vercel: () => import('polyfaas/vercel'),
};

const PACKAGE_NAME = /^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(?:\/[\w.-]+)*$/i;

/** Finds the module of a provider by its id. */
export async function loadProviderModule(
  id: string,
  adapters: Readonly<Record<string, string>>,
  root: string,
): Promise<ContainerModule> {
  const packageName = Object.hasOwn(adapters, id) ? adapters[id] : undefined;
  if (packageName !== undefined) return moduleOf(id, await importFrom(id, packageName, root));
  const load = Object.hasOwn(BUILT_IN, id) ? BUILT_IN[id] : undefined;
  if (load) return moduleOf(id, await load());
  const known = [...Object.keys(BUILT_IN), ...Object.keys(adapters)].join(', ');
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `provider: "${id}" is not known. Use one of: ${known}; or list its package under \`adapters\`.`,
  });
}

async function importFrom(id: string, packageName: string, root: string): Promise<object> {
  if (!PACKAGE_NAME.test(packageName) || packageName.includes('..')) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `adapters.${id}: "${packageName}" is not the name of a package. Paths and addresses are not taken; install the adapter and name it.`,
    });
  }
  const file = fileOf(id, packageName, root);
  try {
    const loaded: object = await import(pathToFileURL(file).href);
    return loaded;
  } catch (cause) {
    const why = redact(cause instanceof Error ? cause.message : String(cause));
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `adapters.${id}: the package "${packageName}" failed while it was loaded: ${why}`,
      cause,
    });
  }
}

function fileOf(id: string, packageName: string, root: string): string {
  try {
    return adapterFile(packageName, root);
  } catch (cause) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `adapters.${id}: the package "${packageName}" cannot be loaded from ${root}. Install it: npm install ${packageName}`,
      cause,
    });
  }
}

function moduleOf(id: string, loaded: object): ContainerModule {
  const module = 'providerModule' in loaded ? loaded.providerModule : undefined;
  if (module instanceof ContainerModule || isModuleLike(module)) return module;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `The adapter of "${id}" does not export \`providerModule\`, an Inversify ContainerModule that binds TOKENS.Provider.`,
  });
}

// A third party may have its own copy of Inversify, whose class is another one.
function isModuleLike(value: unknown): value is ContainerModule {
  return typeof value === 'object' && value !== null && 'load' in value && 'id' in value;
}
