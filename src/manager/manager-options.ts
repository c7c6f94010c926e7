/** Checks of what a manager is made from, beside its configuration: callers without types get a typed error. */
import type { ServerlessError } from '../errors/index.ts';
import { nearestName } from '../spec/nearest.ts';
import { invalid } from './arguments.ts';
import { told } from './told.ts';
import type { ManagerOptions } from './types.ts';

interface Check {
  readonly isRight: (value: unknown) => boolean;
  readonly expected: string;
}

/** One for each field: one that is forgotten does not compile. */
const CHECKS: { readonly [Field in keyof Required<ManagerOptions>]: Check } = {
  provider: { isRight: isFunction, expected: 'a function that makes a provider' },
  providers: { isRight: isObject, expected: 'an object with a function for each target' },
  clock: {
    isRight: (value) => hasMethods(value, ['now', 'after', 'sleep']),
    expected: 'a clock: it needs now(), after() and sleep()',
  },
  random: { isRight: isFunction, expected: 'a function' },
  log: { isRight: (value) => hasMethods(value, ['log']), expected: 'a log: it needs log()' },
  telemetry: {
    isRight: (value) => typeof value === 'boolean' || value === 'auto',
    expected: 'true, false or "auto"',
  },
};
// In a map, where `toString` is no field.
const BY_FIELD: ReadonlyMap<string, Check> = new Map(Object.entries(CHECKS));

const BUILT_IN: readonly string[] = ['local', 'aws', 'azure', 'gcp', 'vercel'];

/** @param config as it was given: it is checked elsewhere, with all of its problems at once. */
export function checkManagerOptions(config: unknown, options: unknown): void {
  if (typeof config === 'string') {
    throw invalid(
      'config',
      `${told(config)} is a text, and not a configuration. Read a file with loadConfig: const { config } = await loadConfig({ file: ${told(config)} }).`,
    );
  }
  if (!isObject(options)) throw invalid('options', `${told(options)} is not an object.`);
  for (const [field, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const check = BY_FIELD.get(field);
    if (!check) throw unknownOption(field);
    if (!check.isRight(value)) throw invalid(field, `${told(value)} is not ${check.expected}.`);
    if (field === 'providers') checkProviders(value, idsIn(config));
  }
}

function checkProviders(providers: object, known: ReadonlySet<string>): void {
  for (const [id, factory] of Object.entries(providers)) {
    const path = `providers.${id.slice(0, 80)}`;
    if (!known.has(id)) throw unknownProvider(path, id, [...known]);
    if (factory !== undefined && !isFunction(factory)) {
      throw invalid(path, `${told(factory)} is not ${CHECKS.provider.expected}.`);
    }
  }
}

/** Every provider that the configuration may come to, in any stage. */
function idsIn(config: unknown): ReadonlySet<string> {
  const ids = new Set(BUILT_IN);
  const environments = fieldOf(config, 'environments');
  for (const part of [config, ...(isObject(environments) ? Object.values(environments) : [])]) {
    const targets = fieldOf(part, 'targets');
    const adapters = fieldOf(part, 'adapters');
    const named: readonly unknown[] = [
      fieldOf(part, 'provider'),
      ...(Array.isArray(targets) ? targets : []),
      ...(isObject(adapters) ? Object.keys(adapters) : []),
    ];
    for (const id of named) if (typeof id === 'string') ids.add(id);
  }
  return ids;
}

function unknownOption(field: string): ServerlessError {
  const known = [...BY_FIELD.keys()];
  return invalid(
    field.slice(0, 80),
    `is no option of createServerlessManager, which takes ${known.join(', ')}. ${hint(field, known)}`,
  );
}

function unknownProvider(path: string, id: string, known: readonly string[]): ServerlessError {
  return invalid(path, `is no target of the configuration. ${hint(id, known)}`);
}

function hint(given: string, known: readonly string[]): string {
  const nearest = nearestName(given.slice(0, 80), known);
  return nearest === undefined ? 'Remove it.' : `Did you mean "${nearest}"? Rename or remove it.`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return names.every((name) => isFunction(fieldOf(value, name)));
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) ? Reflect.get(value, name) : undefined;
}
