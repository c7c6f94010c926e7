import { createRequire } from 'node:module';
import { ServerlessError } from '../errors/index.ts';
import { hasCode } from './errors.ts';

const require = createRequire(import.meta.url);

/** Loads a package that the user may not have installed; a missing one is an error with the command to run. */
export function loadOptional<Module>(packageName: string, purpose: string): Module {
  try {
    // All of them are CommonJS, which loads faster when it is required than when it is imported.
    const loaded: Module = require(packageName);
    return loaded;
  } catch (cause) {
    if (hasCode(cause, 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'))
      throw notInstalled(packageName, purpose, cause);
    throw cause;
  }
}

/** The version of an installed package, read from its manifest without running any of its code. */
export function installedVersion(packageName: string, purpose: string): string {
  try {
    const manifest: unknown = require(`${packageName}/package.json`);
    if (
      typeof manifest === 'object' &&
      manifest !== null &&
      'version' in manifest &&
      typeof manifest.version === 'string'
    ) {
      return manifest.version;
    }
    return 'unknown';
  } catch (cause) {
    if (hasCode(cause, 'ERR_PACKAGE_PATH_NOT_EXPORTED')) return 'unknown';
    throw notInstalled(packageName, purpose, cause);
  }
}

function notInstalled(packageName: string, purpose: string, cause: unknown): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `The package "${packageName}" is needed to ${purpose}, and it is not installed. Run: npm install --save-dev ${packageName}`,
    details: { package: packageName },
    cause,
  });
}
