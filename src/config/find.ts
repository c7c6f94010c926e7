import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ServerlessError } from '../errors/serverless-error.ts';

/** How a configuration file is read. */
export type ConfigFormat = 'code' | 'json' | 'yaml' | 'tsk';

const FORMATS: Readonly<Record<string, ConfigFormat>> = {
  ts: 'code',
  mts: 'code',
  js: 'code',
  mjs: 'code',
  json: 'json',
  yaml: 'yaml',
  yml: 'yaml',
  tsk: 'tsk',
};

/** Names that are looked for, in the working folder only. */
export const CONFIG_FILE_NAMES: readonly string[] = [
  ...Object.keys(FORMATS).map((extension) => `polyfaas.config.${extension}`),
  'polyfaas.tsk',
  'serverless-architecture.tsk',
];

/** The format that a file's extension stands for; undefined for others. */
export function formatOf(file: string): ConfigFormat | undefined {
  const extension = file.slice(file.lastIndexOf('.') + 1);
  return Object.hasOwn(FORMATS, extension) ? FORMATS[extension] : undefined;
}

/**
 * The configuration file in a folder; folders above are not searched.
 *
 * @returns undefined when there is none.
 * @throws ServerlessError INVALID_ARGUMENT when there is more than one.
 */
export function findConfigFile(folder: string): string | undefined {
  let present: ReadonlySet<string>;
  try {
    present = new Set(readdirSync(folder));
  } catch (cause) {
    throw new ServerlessError({
      code: 'NOT_FOUND',
      message: `The working folder ${folder} cannot be read. Give a folder that is there as cwd.`,
      cause,
    });
  }
  const found = CONFIG_FILE_NAMES.filter((name) => present.has(name));
  if (found.length > 1) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `${folder} holds more than one configuration: ${found.join(', ')}. Keep one, or name it: loadConfig({ file: '${found[0] ?? ''}' }).`,
      details: { files: found },
    });
  }
  return found[0] === undefined ? undefined : join(folder, found[0]);
}
