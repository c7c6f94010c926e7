/** Provisioned concurrency: instances that are started ahead, for a version or an alias. */
import { integer } from '../core/operation.ts';
import { AwsFault } from '../core/service.ts';
import type { RestInput, RestOutput, RestRoute } from '../core/rest.ts';
import { conflict, invalidParameter } from './faults.ts';
import { found, resource } from './functions.ts';
import { isVersion, timestamp } from './names.ts';
import { page } from './page.ts';
import { weightsOf } from './rolling.ts';
import {
  PROVISION_MS,
  type AliasState,
  type FunctionState,
  type LambdaState,
  type ProvisionedState,
} from './state.ts';
import { ACCOUNT_CONCURRENCY, unreserved } from './concurrency.ts';
import { versionConfig } from './version-config.ts';

const PAGE_SIZE = 50;

/** What the configurations of a function ask for, without that of one qualifier. */
export function totalProvisioned(fn: FunctionState, except?: string): number {
  return [...fn.provisioned]
    .filter(([qualifier]) => qualifier !== except)
    .reduce((total, [, config]) => total + config.requested, 0);
}

/** How many instances of a version are there. */
export function provisionedFor(state: LambdaState, fn: FunctionState, version: string): number {
  return [...fn.provisioned.values()]
    .filter((config) => config.version === version && config.failure === undefined)
    .filter((config) => state.now() >= config.readyAt)
    .reduce((total, config) => total + config.requested, 0);
}

/**
 * When an alias moves, its instances are started anew, of the new version. Until they are there, the version before has
 * all of the traffic: Lambda puts a weight on the alias by itself.
 */
export function moveProvisioned(
  state: LambdaState,
  fn: FunctionState,
  alias: AliasState,
  served: string | undefined,
): void {
  alias.rollsFrom = undefined;
  const config = fn.provisioned.get(alias.name);
  if (!config || config.version === alias.version) return;
  const before = config.version;
  const from = served ?? before;
  if (Object.keys(alias.weights).length === 0 && from !== alias.version) alias.rollsFrom = from;
  config.version = alias.version;
  config.failure = state.refusesInstances;
  config.readyAt = state.now() + PROVISION_MS;
  apply(state, fn, before);
  apply(state, fn, alias.version);
}

function apply(state: LambdaState, fn: FunctionState, version: string): void {
  const published = fn.versions.get(version);
  if (!published) return;
  const count = [...fn.provisioned.values()]
    .filter((config) => config.version === version)
    .reduce((total, config) => total + config.requested, 0);
  state.execution.provision(versionConfig(state, fn, published), count);
}

function describe(state: LambdaState, config: ProvisionedState): object {
  const isOver = state.now() >= config.readyAt;
  const isReady = isOver && config.failure === undefined;
  return {
    RequestedProvisionedConcurrentExecutions: config.requested,
    AvailableProvisionedConcurrentExecutions: isReady ? config.requested : 0,
    AllocatedProvisionedConcurrentExecutions: isReady ? config.requested : 0,
    Status: isReady ? 'READY' : isOver ? 'FAILED' : 'IN_PROGRESS',
    ...(isOver && !isReady ? { StatusReason: config.failure } : {}),
    LastModified: timestamp(config.modifiedAt),
  };
}

/** Version and alias must not both have one. */
function refuseTwice(fn: FunctionState, qualifier: string, version: string): void {
  if (isVersion(qualifier)) {
    const alias = [...fn.provisioned].find(
      ([other, config]) => !isVersion(other) && config.version === version,
    );
    if (alias) {
      throw conflict(
        'Version can not be used for Provisioned Concurrency configuration as an alias that points to it is already provisioned.',
      );
    }
  } else if (fn.provisioned.has(version)) {
    throw conflict(
      'Alias can not be used for Provisioned Concurrency configuration on an already Provisioned version.',
    );
  }
}

function put(state: LambdaState, input: RestInput): RestOutput {
  const { fn, qualifier } = found(state, input);
  const requested = integer(input.body, 'ProvisionedConcurrentExecutions', { min: 1 });
  if (qualifier === undefined) {
    throw invalidParameter('Qualifier is required: a version or an alias.');
  }
  const { version } = state.version({ fn, qualifier });
  if (version === '$LATEST') {
    throw invalidParameter(
      'Provisioned Concurrency Configs cannot be applied to unpublished function versions.',
    );
  }
  refuseTwice(fn, qualifier, version);
  const alias = fn.aliases.get(qualifier);
  if (alias && Object.keys(weightsOf(state, fn, alias)).length > 0) {
    throw invalidParameter('Alias with weights can not be used with Provisioned Concurrency');
  }
  const total = totalProvisioned(fn, qualifier) + requested;
  if (fn.reserved !== undefined && total > fn.reserved) {
    throw invalidParameter(
      `Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function`,
    );
  }
  if (fn.reserved === undefined && total > unreserved(state, fn)) {
    throw invalidParameter(
      `Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [${ACCOUNT_CONCURRENCY}].`,
    );
  }
  const now = state.now();
  const failure = state.refusesInstances;
  const config = { requested, version, readyAt: now + PROVISION_MS, modifiedAt: now, failure };
  fn.provisioned.set(qualifier, config);
  apply(state, fn, version);
  return { status: 202, body: describe(state, config) };
}

function read(state: LambdaState, input: RestInput): RestOutput {
  const { fn, qualifier } = found(state, input);
  if (input.query.get('List') === 'ALL') {
    const { items, next } = page([...fn.provisioned], input.query, PAGE_SIZE);
    const configs = items.map(([name, config]) => ({
      FunctionArn: `${fn.arn}:${name}`,
      ...describe(state, config),
    }));
    return { body: { ProvisionedConcurrencyConfigs: configs, ...next } };
  }
  if (qualifier === undefined) throw invalidParameter('Qualifier is required.');
  state.check({ fn, qualifier });
  const config = fn.provisioned.get(qualifier);
  if (!config) {
    throw new AwsFault(
      404,
      'ProvisionedConcurrencyConfigNotFoundException',
      'No Provisioned Concurrency Config found for this function',
    );
  }
  return { body: describe(state, config) };
}

function remove(state: LambdaState, input: RestInput): RestOutput {
  const { fn, qualifier } = found(state, input);
  if (qualifier === undefined) throw invalidParameter('Qualifier is required.');
  state.check({ fn, qualifier });
  const config = fn.provisioned.get(qualifier);
  fn.provisioned.delete(qualifier);
  if (config) apply(state, fn, config.version);
  return { status: 204 };
}

export function provisionedRoutes(state: LambdaState): readonly RestRoute[] {
  const path = '/2019-09-30/functions/{name}/provisioned-concurrency';
  const one = { resource: resource(state) };
  return [
    {
      method: 'PUT',
      path,
      operation: 'PutProvisionedConcurrencyConfig',
      ...one,
      run: (input) => put(state, input),
    },
    {
      // With `?List=ALL` it is ListProvisionedConcurrencyConfigs.
      method: 'GET',
      path,
      operation: 'GetProvisionedConcurrencyConfig',
      action: (input) =>
        input.query.get('List') === 'ALL'
          ? 'lambda:ListProvisionedConcurrencyConfigs'
          : 'lambda:GetProvisionedConcurrencyConfig',
      ...one,
      run: (input) => read(state, input),
    },
    {
      method: 'DELETE',
      path,
      operation: 'DeleteProvisionedConcurrencyConfig',
      ...one,
      run: (input) => remove(state, input),
    },
  ];
}
