/** Whether what an adapter gives is a provider: its author may have written it without types, or for another version. */
import { ServerlessError } from '../errors/index.ts';
import { describeValue } from '../spec/describe-value.ts';
import { providerIdProblem } from '../spec/names.ts';
import type { Planners, ServerlessProvider } from '../spi/provider.ts';
import type { ObservedFunction } from '../spi/provider.ts';
import { wrongFeatures } from './check-features.ts';
import { wrongLimits } from './check-limits.ts';
import { wrongPackaging } from './check-packaging.ts';
import { field, isObject } from './fields.ts';

type Methods<Of> = {
  readonly [Key in keyof Of as Of[Key] extends (...call: never[]) => unknown ? Key : never]: true;
};

/** One for each: one that is forgotten does not compile. */
const METHODS: Methods<ServerlessProvider> = {
  validate: true,
  validateBinding: true,
  identify: true,
  observe: true,
  list: true,
  execute: true,
  invoke: true,
  metrics: true,
  logs: true,
  classify: true,
  native: true,
  close: true,
};
const PLANNERS: Methods<Planners<ObservedFunction>> = {
  deploy: true,
  configureEvent: true,
  removeEvent: true,
  preWarm: true,
  rollback: true,
  remove: true,
  prune: true,
};

/**
 * @param chosen the name that the adapter was chosen by
 * @param isListed whether it was found under `adapters`: its id must be that name then
 * @throws ServerlessError INVALID_ARGUMENT, which names every field that is wrong, for the adapter's author.
 */
export function checkProvider(provider: unknown, chosen: string, isListed: boolean): void {
  const wrong = isObject(provider) ? wrongFields(provider) : ['it is no object'];
  if (wrong.length === 0 && isListed) {
    const id = field(provider, 'id');
    if (id !== chosen) {
      wrong.push(
        `id: it is "${String(id)}", and has to be the name under \`adapters\`, which is "${chosen}"`,
      );
    }
  }
  if (wrong.length === 0) return;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `The adapter of "${chosen}" does not give a provider of polyfaas/spi: ${wrong.join('; ')}.`,
  });
}

function wrongFields(provider: object): string[] {
  const version = field(provider, 'specVersion');
  const id = field(provider, 'id');
  return [
    ...(version === 1 ? [] : [`specVersion: it is ${String(version)}, and has to be 1`]),
    ...wrongId(id),
    ...wrongFeatures(field(field(provider, 'capabilities'), 'features')),
    ...wrongLimits(field(provider, 'capabilities')),
    ...wrongPackaging(field(provider, 'packaging')),
    ...missing(provider, '', METHODS),
    ...missing(field(provider, 'plan'), 'plan.', PLANNERS),
  ];
}

/** It is a part of plans, and of the names of fields: `providerOptions.acme`. */
function wrongId(id: unknown): readonly string[] {
  if (typeof id !== 'string' || id === '') return ['id: it has to be a text'];
  const problem = providerIdProblem(id);
  return problem === undefined
    ? []
    : [`id: ${describeValue([], id)} ${problem.replace(/\.$/, '')}`];
}

function missing(owner: unknown, path: string, names: object): readonly string[] {
  return Object.keys(names)
    .filter((name) => typeof field(owner, name) !== 'function')
    .map((name) => `${path}${name}: it has to be a function`);
}
