/** Functions: created, read, changed, listed and deleted. */
import { optionalFlag, optionalText, object, text } from '../core/operation.ts';
import type { RestInput, RestOutput, RestRoute } from '../core/rest.ts';
import { checkRequestSize, readImageCode, readZipCode } from './code.ts';
import { describeVersion, summarizeVersion } from './configuration.ts';
import {
  conflict,
  functionNotFound,
  invalidParameter,
  notReady,
  preconditionFailed,
  updateInProgress,
} from './faults.ts';
import { functionArn, isVersion } from './names.ts';
import { page } from './page.ts';
import { publish } from './publish.ts';
import { weightsOf } from './rolling.ts';
import { createSettings, readArchitecture, updateSettings } from './settings.ts';
import {
  CREATE_MS,
  Revision,
  UPDATE_MS,
  type Code,
  type Found,
  type FunctionState,
  type LambdaState,
  type Settings,
} from './state.ts';
import { readTags } from './tags.ts';

const PAGE_SIZE = 50;

/** The function that a path names. */
export function found(state: LambdaState, input: RestInput): Found {
  return state.find(input.params['name'] ?? '', input.query.get('Qualifier'));
}

/** The ARN that the policies of a calling role are asked about. */
export function resource(state: LambdaState): (input: RestInput) => string {
  return (input) => {
    const { name, qualifier } = state.reference(
      input.params['name'] ?? '',
      input.query.get('Qualifier'),
    );
    return functionArn(state.world, name, qualifier);
  };
}

/** Refuses a write while another, or the creation, is under way. */
export function refuseBusy(state: LambdaState, fn: FunctionState): void {
  if (state.now() < fn.latest.activeAt) throw notReady('Pending');
  if (fn.latest.update) throw updateInProgress(fn.arn);
}

/** Compare and set, where the caller asks for it. */
export function checkRevision(
  state: LambdaState,
  fn: FunctionState,
  wanted: string | null | undefined,
): void {
  if (wanted && wanted !== fn.latest.revision.at(state.now())) throw preconditionFailed('function');
}

function create(state: LambdaState, input: RestInput): RestOutput {
  checkRequestSize(input.raw, 'CreateFunction');
  const { body } = input;
  const { name } = state.reference(text(body, 'FunctionName', { min: 1, max: 140 }));
  const source = object(body, 'Code');
  const isImage = optionalText(body, 'PackageType') === 'Image';
  if (state.functions.has(name)) throw conflict(`Function already exist: ${name}`);
  const code = isImage ? readImageCode(state, source) : readZipCode(state, source);
  const settings = createSettings(state, name, body, code);
  const tags = readTags(body);
  const now = state.now();
  const fn: FunctionState = {
    name,
    arn: functionArn(state.world, name),
    latest: {
      version: '$LATEST',
      settings,
      code,
      modifiedAt: now,
      revision: new Revision(now + CREATE_MS),
      activeAt: now + CREATE_MS,
    },
    versions: new Map(),
    lastVersion: 0,
    aliases: new Map(),
    policies: new Map(),
    tags: new Map(Object.entries(tags)),
    provisioned: new Map(),
    eventInvoke: new Map(),
    urls: new Map(),
  };
  state.functions.set(name, fn);
  if (optionalFlag(body, 'Publish') !== true) {
    return { status: 201, body: describeVersion(state, fn, fn.latest) };
  }
  const version = publish(state, fn, undefined);
  return { status: 201, body: describeVersion(state, fn, version, version.version) };
}

function read(state: LambdaState, input: RestInput): RestOutput {
  const { fn, qualifier } = found(state, input);
  const version = state.version({ fn, ...(qualifier !== undefined && { qualifier }) });
  const { content } = version.code;
  return {
    body: {
      Configuration: describeVersion(state, fn, version, qualifier),
      Code:
        'zip' in content
          ? {
              RepositoryType: 'S3',
              Location: `https://awslambda-${state.world.region}-tasks.s3.${state.world.region}.amazonaws.com/snapshots/${state.world.account}/${fn.name}-${version.version}`,
            }
          : {
              RepositoryType: 'ECR',
              ImageUri: content.imageUri,
              ResolvedImageUri: `${content.imageUri.replace(/[:@][^/]*$/, '')}@sha256:${version.code.sha256}`,
            },
      ...(fn.tags.size > 0 && { Tags: Object.fromEntries(fn.tags) }),
      ...(fn.reserved !== undefined && {
        Concurrency: { ReservedConcurrentExecutions: fn.reserved },
      }),
    },
  };
}

function readConfiguration(state: LambdaState, input: RestInput): RestOutput {
  const { fn, qualifier } = found(state, input);
  const version = state.version({ fn, ...(qualifier !== undefined && { qualifier }) });
  return { body: describeVersion(state, fn, version, qualifier) };
}

/** Changes `$LATEST`; calls go on with what was before until the update is done. */
function change(state: LambdaState, fn: FunctionState, settings: Settings, code: Code): void {
  const { latest } = fn;
  const now = state.now();
  latest.update = {
    endsAt: now + UPDATE_MS,
    before: { settings: latest.settings, code: latest.code },
  };
  latest.settings = settings;
  latest.code = code;
  latest.modifiedAt = now;
  latest.revision = new Revision(now + UPDATE_MS);
}

function updateCode(state: LambdaState, input: RestInput): RestOutput {
  checkRequestSize(input.raw, 'UpdateFunctionCode');
  const { body } = input;
  const { fn } = found(state, input);
  refuseBusy(state, fn);
  checkRevision(state, fn, optionalText(body, 'RevisionId'));
  const isImage = fn.latest.settings.packageType === 'Image';
  const code = isImage ? readImageCode(state, body) : readZipCode(state, body);
  const architecture = readArchitecture(body) ?? fn.latest.settings.architecture;
  if (optionalFlag(body, 'DryRun') !== true) {
    change(state, fn, { ...fn.latest.settings, architecture }, code);
  }
  if (optionalFlag(body, 'Publish') !== true)
    return { body: describeVersion(state, fn, fn.latest) };
  const version = publish(state, fn, undefined);
  return { body: describeVersion(state, fn, version, version.version) };
}

function updateConfiguration(state: LambdaState, input: RestInput): RestOutput {
  const { fn } = found(state, input);
  refuseBusy(state, fn);
  checkRevision(state, fn, optionalText(input.body, 'RevisionId'));
  const { settings, code } = fn.latest;
  change(state, fn, updateSettings(state, fn.name, settings, input.body, code), code);
  return { body: describeVersion(state, fn, fn.latest) };
}

async function remove(state: LambdaState, input: RestInput): Promise<RestOutput> {
  const { fn, qualifier } = found(state, input);
  if (qualifier === undefined) {
    state.functions.delete(fn.name);
    state.execution.dropFunction(fn.name);
    await Promise.all([...fn.urls.values()].map((url) => url.close()));
    return { status: 204 };
  }
  if (qualifier === '$LATEST') {
    throw invalidParameter('$LATEST version cannot be deleted without deleting the function.');
  }
  if (!isVersion(qualifier)) {
    throw invalidParameter('Deletion of aliases is not currently supported by DeleteFunction.');
  }
  const users = [...fn.aliases.values()].filter(
    (alias) => alias.version === qualifier || qualifier in weightsOf(state, fn, alias),
  );
  if (users.length > 0) {
    throw conflict(
      `Unable to delete version because the following aliases reference it: [${users.map((alias) => alias.name).join(', ')}]`,
    );
  }
  if (!fn.versions.has(qualifier)) {
    throw functionNotFound(functionArn(state.world, fn.name, qualifier));
  }
  fn.versions.delete(qualifier);
  for (const map of [fn.policies, fn.provisioned, fn.eventInvoke]) map.delete(qualifier);
  state.execution.dropVersion(fn.name, qualifier);
  return { status: 204 };
}

function list(state: LambdaState, input: RestInput): RestOutput {
  const withVersions = input.query.get('FunctionVersion') === 'ALL';
  const all = [...state.functions.values()].flatMap((fn) => [
    summarizeVersion(state, fn, fn.latest, withVersions ? '$LATEST' : undefined),
    ...(withVersions
      ? [...fn.versions.values()].map((version) =>
          summarizeVersion(state, fn, version, version.version),
        )
      : []),
  ]);
  const { items, next } = page(all, input.query, PAGE_SIZE);
  return { body: { Functions: items, ...next } };
}

export function functionRoutes(state: LambdaState): readonly RestRoute[] {
  const base = '/2015-03-31/functions';
  const one = { resource: resource(state) };
  return [
    {
      method: 'POST',
      path: base,
      operation: 'CreateFunction',
      run: (input) => create(state, input),
    },
    { method: 'GET', path: base, operation: 'ListFunctions', run: (input) => list(state, input) },
    {
      method: 'GET',
      path: `${base}/{name}`,
      operation: 'GetFunction',
      ...one,
      run: (input) => read(state, input),
    },
    {
      method: 'DELETE',
      path: `${base}/{name}`,
      operation: 'DeleteFunction',
      ...one,
      run: (input) => remove(state, input),
    },
    {
      method: 'GET',
      path: `${base}/{name}/configuration`,
      operation: 'GetFunctionConfiguration',
      ...one,
      run: (input) => readConfiguration(state, input),
    },
    {
      method: 'PUT',
      path: `${base}/{name}/configuration`,
      operation: 'UpdateFunctionConfiguration',
      ...one,
      run: (input) => updateConfiguration(state, input),
    },
    {
      method: 'PUT',
      path: `${base}/{name}/code`,
      operation: 'UpdateFunctionCode',
      ...one,
      run: (input) => updateCode(state, input),
    },
  ];
}
