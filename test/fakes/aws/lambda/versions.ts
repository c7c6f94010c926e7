/** Versions and aliases. */
import {
  invalid,
  isObject,
  optionalObject,
  optionalText,
  text,
  type Input,
} from '../core/operation.ts';
import { randomUUID } from 'node:crypto';
import type { RestInput, RestOutput, RestRoute } from '../core/rest.ts';
import { describeVersion, summarizeVersion } from './configuration.ts';
import { conflict, functionNotFound, invalidParameter, preconditionFailed } from './faults.ts';
import { checkRevision, found, refuseBusy, resource } from './functions.ts';
import { functionArn, isVersion } from './names.ts';
import { page } from './page.ts';
import { moveProvisioned } from './provisioned.ts';
import { weightsOf } from './rolling.ts';
import { publish } from './publish.ts';
import type { AliasState, FunctionState, LambdaState } from './state.ts';

const PAGE_SIZE = 50;
const ALIAS = /(?!^[0-9]+$)([a-zA-Z0-9-_]+)/;
const VERSION = /\$LATEST|[0-9]+/;

function publishVersion(state: LambdaState, input: RestInput): RestOutput {
  const { fn } = found(state, input);
  refuseBusy(state, fn);
  checkRevision(state, fn, optionalText(input.body, 'RevisionId'));
  const { sha256 } = fn.latest.code;
  const wanted = optionalText(input.body, 'CodeSha256');
  if (wanted !== undefined && wanted !== '' && wanted !== sha256) {
    throw invalidParameter(
      `CodeSHA256 (${wanted}) is different from current CodeSHA256 in $LATEST (${sha256}). Please try again with the CodeSHA256 in $LATEST.`,
    );
  }
  const description = optionalText(input.body, 'Description', { max: 256 });
  const version = publish(state, fn, description || undefined);
  return { status: 201, body: describeVersion(state, fn, version, version.version) };
}

function listVersions(state: LambdaState, input: RestInput): RestOutput {
  const { fn } = found(state, input);
  const all = [fn.latest, ...fn.versions.values()];
  const { items, next } = page(all, input.query, PAGE_SIZE);
  return {
    body: {
      Versions: items.map((version) => summarizeVersion(state, fn, version, version.version)),
      ...next,
    },
  };
}

function describeAlias(state: LambdaState, fn: FunctionState, alias: AliasState): object {
  const weights = weightsOf(state, fn, alias);
  return {
    AliasArn: `${fn.arn}:${alias.name}`,
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    ...(Object.keys(weights).length > 0 && {
      RoutingConfig: { AdditionalVersionWeights: weights },
    }),
    RevisionId: alias.revisionId,
  };
}

function checkVersion(state: LambdaState, fn: FunctionState, version: string): void {
  if (version === '$LATEST' || fn.versions.has(version)) return;
  throw functionNotFound(functionArn(state.world, fn.name, version));
}

function readWeights(
  state: LambdaState,
  fn: FunctionState,
  input: Input,
  version: string,
): Readonly<Record<string, number>> | undefined {
  const routing = optionalObject(input, 'RoutingConfig');
  if (routing === undefined) return undefined;
  const given = routing['AdditionalVersionWeights'] ?? {};
  const weights: Record<string, number> = {};
  for (const [other, weight] of Object.entries(isObject(given) ? given : {})) {
    if (!isVersion(other) || typeof weight !== 'number' || weight < 0 || weight > 1) {
      throw invalid(
        'routingConfig.additionalVersionWeights',
        given,
        'Map value must satisfy constraint: [Member must have value between 0.0 and 1.0]',
      );
    }
    weights[other] = weight;
  }
  const others = Object.keys(weights);
  if (others.length === 0) return weights;
  if (others.length > 1) {
    throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1.');
  }
  if (version === '$LATEST') {
    throw invalidParameter(
      '$LATEST is not supported for an alias pointing to more than 1 version.',
    );
  }
  if (others[0] === version) {
    throw invalidParameter(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
    );
  }
  for (const other of others) checkVersion(state, fn, other);
  const [one, two] = [fn.versions.get(version), fn.versions.get(others[0] ?? '')];
  if (one?.settings.roleArn !== two?.settings.roleArn) {
    throw invalidParameter('Both versions of an alias must have the same execution role.');
  }
  if (one?.settings.deadLetterArn !== two?.settings.deadLetterArn) {
    throw invalidParameter('Both versions of an alias must have the same dead-letter queue.');
  }
  return weights;
}

function createAlias(state: LambdaState, input: RestInput): RestOutput {
  const { fn } = found(state, input);
  const name = text(input.body, 'Name', { min: 1, max: 128, pattern: ALIAS });
  const version = text(input.body, 'FunctionVersion', { min: 1, max: 1024, pattern: VERSION });
  if (fn.aliases.has(name)) throw conflict(`Alias already exists: ${fn.arn}:${name}`);
  checkVersion(state, fn, version);
  const alias: AliasState = {
    name,
    version,
    description: optionalText(input.body, 'Description', { max: 256 }) ?? '',
    weights: readWeights(state, fn, input.body, version) ?? {},
    revisionId: randomUUID(),
    due: 0,
  };
  fn.aliases.set(name, alias);
  return { status: 201, body: describeAlias(state, fn, alias) };
}

function updateAlias(state: LambdaState, input: RestInput): RestOutput {
  const { fn } = found(state, input);
  const alias = state.alias(fn, input.params['alias'] ?? '');
  const { body } = input;
  const revision = optionalText(body, 'RevisionId');
  if (revision && revision !== alias.revisionId) throw preconditionFailed('alias');
  const version =
    optionalText(body, 'FunctionVersion', { min: 1, max: 1024, pattern: VERSION }) ?? alias.version;
  const description = optionalText(body, 'Description', { max: 256 }) ?? alias.description;
  checkVersion(state, fn, version);
  // Weights that are not given stay, and must go together with the version.
  const given = body['RoutingConfig'] === undefined ? keptRouting(alias) : body;
  const weights = readWeights(state, fn, given, version) ?? {};
  const [served] = Object.entries(weightsOf(state, fn, alias)).find(([, one]) => one === 1) ?? [];
  Object.assign(alias, { version, description, weights, revisionId: randomUUID() });
  moveProvisioned(state, fn, alias, served);
  return { body: describeAlias(state, fn, alias) };
}

function keptRouting(alias: AliasState): Input {
  return { RoutingConfig: { AdditionalVersionWeights: alias.weights } };
}

function deleteAlias(state: LambdaState, input: RestInput): RestOutput {
  const { fn } = found(state, input);
  const name = input.params['alias'] ?? '';
  if (fn.provisioned.has(name)) {
    throw conflict(
      'Alias has a provisioned concurrency configuration. Delete it before deleting the alias.',
    );
  }
  const url = fn.urls.get(name);
  if (url) throw conflict('Alias has a function URL. Delete it before deleting the alias.');
  fn.aliases.delete(name);
  fn.policies.delete(name);
  fn.eventInvoke.delete(name);
  return { status: 204 };
}

function listAliases(state: LambdaState, input: RestInput): RestOutput {
  const { fn } = found(state, input);
  const wanted = input.query.get('FunctionVersion');
  const all = [...fn.aliases.values()].filter(
    (alias) => wanted === null || alias.version === wanted || wanted in weightsOf(state, fn, alias),
  );
  const { items, next } = page(all, input.query, PAGE_SIZE);
  return { body: { Aliases: items.map((alias) => describeAlias(state, fn, alias)), ...next } };
}

export function versionRoutes(state: LambdaState): readonly RestRoute[] {
  const base = '/2015-03-31/functions/{name}';
  const one = { resource: resource(state) };
  return [
    {
      method: 'POST',
      path: `${base}/versions`,
      operation: 'PublishVersion',
      ...one,
      run: (input) => publishVersion(state, input),
    },
    {
      method: 'GET',
      path: `${base}/versions`,
      operation: 'ListVersionsByFunction',
      ...one,
      run: (input) => listVersions(state, input),
    },
    {
      method: 'POST',
      path: `${base}/aliases`,
      operation: 'CreateAlias',
      ...one,
      run: (input) => createAlias(state, input),
    },
    {
      method: 'GET',
      path: `${base}/aliases`,
      operation: 'ListAliases',
      ...one,
      run: (input) => listAliases(state, input),
    },
    {
      method: 'GET',
      path: `${base}/aliases/{alias}`,
      operation: 'GetAlias',
      ...one,
      run(input) {
        const { fn } = found(state, input);
        return { body: describeAlias(state, fn, state.alias(fn, input.params['alias'] ?? '')) };
      },
    },
    {
      method: 'PUT',
      path: `${base}/aliases/{alias}`,
      operation: 'UpdateAlias',
      ...one,
      run: (input) => updateAlias(state, input),
    },
    {
      method: 'DELETE',
      path: `${base}/aliases/{alias}`,
      operation: 'DeleteAlias',
      ...one,
      run: (input) => deleteAlias(state, input),
    },
  ];
}
