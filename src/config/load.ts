import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ServerlessError } from '../errors/serverless-error.ts';
import { isPlainObject } from '../spec/plain-data.ts';
import type { Warning } from '../spi/plan.ts';
import { CONFIG_FILE_NAMES, type ConfigFormat, findConfigFile, formatOf } from './find.ts';
import type { LoadConfigOptions, LoadedConfig } from './load-config.ts';
import { checkLoadOptions } from './load-options.ts';
import { applyEnvironment } from './overlay.ts';
import { type ConfigContext, readCode } from './read-code.ts';
import { parseJson, parseYaml } from './read-data.ts';
import { readTextFile, readTextFileWithin } from './read-text.ts';
import { stageWarnings } from './stage-warnings.ts';

/** What `loadConfig` does, once it is loaded. */
export async function findAndLoad(options: LoadConfigOptions): Promise<LoadedConfig> {
  checkLoadOptions(options);
  const cwd = resolve(options.cwd ?? '.');
  const file = options.file === undefined ? findConfigFile(cwd) : namedFile(cwd, options.file);
  const { validateConfig } = await import('../spec/validate.ts');
  const context = { stage: options.stage, env: options.env ?? process.env };
  const { value, warnings } =
    file === undefined ? nothingIn(cwd) : await readConfigFile(file, context);
  const subject = file === undefined ? 'The configuration' : `The configuration in ${file}`;
  const whole = validateConfig(value, subject);
  const stage = options.stage ?? whole.stage ?? 'dev';
  const root = resolve(file === undefined ? cwd : dirname(file), whole.root ?? '.');
  // Checked again: an environment may make a whole out of parts that were sound.
  const config = validateConfig({ ...applyEnvironment(whole, stage), root }, subject);
  return { config, file, warnings: [...warnings, ...stageWarnings(whole, { ...config, stage })] };
}

function namedFile(cwd: string, name: string): string {
  const file = resolve(cwd, name);
  if (existsSync(file) && statSync(file).isFile()) return file;
  throw new ServerlessError({
    code: 'NOT_FOUND',
    message: `There is no configuration file ${file}. Check the name, or leave it out to use the one in ${cwd}.`,
  });
}

interface ReadConfig {
  readonly value: unknown;
  readonly warnings: readonly Warning[];
}

/** No configuration is one, too: all may be declared in code. But more often it is the wrong folder. */
const nothingIn = (cwd: string): ReadConfig => ({
  value: {},
  warnings: [
    {
      type: 'other',
      message: `${cwd} holds no configuration file, so nothing is declared.${unreadIn(cwd)} Looked for, here and not in folders above: ${CONFIG_FILE_NAMES.join(', ')}. For one that is elsewhere, give its folder as cwd, or name it as file.`,
    },
  ],
});

/** What was probably meant. */
function unreadIn(cwd: string): string {
  const found = readdirSync(cwd).find((name) => /^polyfaas\.config\.\w+$/.test(name));
  return found === undefined ? '' : ` "${found}" is of a kind that is not read.`;
}

function readConfigFile(file: string, context: ConfigContext): Promise<ReadConfig> {
  const format = formatOf(file);
  if (format !== undefined) return READERS[format](file, context);
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `${file} has an unknown extension. Use ts, mts, js, mjs, json, yaml, yml or tsk.`,
  });
}

const READERS = {
  code: async (file, context) => ({ value: await readCode(file, context), warnings: [] }),
  json: async (file) => ({
    value: withoutSchema(parseJson(file, readTextFile(file))),
    warnings: [],
  }),
  // An empty YAML file is null.
  yaml: async (file) => ({
    value: withoutSchema((await parseYaml(file, readTextFile(file))) ?? {}),
    warnings: [],
  }),
  tsk: async (file, context) => {
    const [{ parseTsk }, { mapTsk }] = await Promise.all([
      import('./tsk/parse.ts'),
      import('./tsk/map.ts'),
    ]);
    const folder = dirname(file);
    const tree = parseTsk({
      file,
      text: readTextFile(file),
      env: context.env,
      readFile: (path) => readTextFileWithin(folder, path),
    });
    const { config, warnings } = mapTsk(tree, {
      fileExists: (path) => existsSync(resolve(folder, path)),
    });
    return { value: config, warnings };
  },
} satisfies Record<ConfigFormat, (file: string, context: ConfigContext) => Promise<ReadConfig>>;

/** Where editors find what a file may hold. In code, types say that. */
function withoutSchema(value: unknown): unknown {
  if (!isPlainObject(value) || typeof value['$schema'] !== 'string') return value;
  const { $schema: _forEditors, ...config } = value;
  return config;
}
