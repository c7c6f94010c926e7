/** What a function must be, as Cloud Functions checks it before it begins to build. */
import { requireRole } from '../core/access.ts';
import { GoogleFault } from '../core/fault.ts';
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import { checkLabels } from '../core/labels.ts';
import type { RestCall, World } from '../core/ports.ts';
import { resourcesOf } from './resources.ts';
import { stageOf } from './runtimes.ts';
import { accountOf, numberOf } from './wish.ts';

const FUNCTION_ID = /^[a-z](?:[a-z0-9-]{2,61}[a-z0-9])$/;
const RESERVED = new Set([
  'PORT',
  'K_SERVICE',
  'K_REVISION',
  'K_CONFIGURATION',
  'FUNCTION_TARGET',
  'FUNCTION_SIGNATURE_TYPE',
]);
const MOST_ENV_BYTES = 32 * 1024;
const MOST_TIMEOUT = 3_600;
const MOST_CONCURRENCY = 1_000;

function refuse(message: string): never {
  throw new GoogleFault('INVALID_ARGUMENT', message);
}

export function checkFunctionId(id: string): void {
  if (!FUNCTION_ID.test(id)) {
    refuse(
      `The function ID "${id}" must be 4 to 63 characters: lower case letters, digits and dashes, beginning with a letter and not ending with a dash.`,
    );
  }
}

/** @throws GoogleFault for what is refused before an operation begins */
export function checkWish(world: World, call: RestCall, wish: JsonMap): void {
  if (wish['environment'] !== 'GEN_2') refuse('The environment must be GEN_2.');
  // Nothing here delivers for them.
  if (wish['eventTrigger'] !== undefined) {
    throw new GoogleFault('UNIMPLEMENTED', 'Event triggers of functions are not made here.');
  }
  checkLabels(wish['labels']);
  checkBuild(mapOf(wish['buildConfig']));
  checkService(mapOf(wish['serviceConfig']));
  checkAccount(world, call, accountOf(world, wish));
}

function checkBuild(build: JsonMap): void {
  const runtime = textOf(build['runtime']);
  if (runtime === '') refuse('Runtime field cannot be empty.');
  const stage = stageOf(runtime);
  if (stage === undefined) refuse(`Runtime "${runtime}" is not supported on GCF Gen2`);
  if (stage === 'DECOMMISSIONED') {
    refuse(
      `Runtime ${runtime} is decommissioned and no longer allowed. Please use the latest Node.js runtime for Cloud Functions.`,
    );
  }
  if (textOf(build['entryPoint']) === '') refuse('Entry point must be specified.');
  checkVariables('build_config', mapOf(build['environmentVariables']));
}

function checkService(service: JsonMap): void {
  const timeout = numberOf(service['timeoutSeconds'], 60);
  if (timeout < 1 || timeout > MOST_TIMEOUT) {
    refuse(`Timeout seconds must be between 1 and ${MOST_TIMEOUT}, but was ${timeout}.`);
  }
  const concurrency = numberOf(service['maxInstanceRequestConcurrency'], 1);
  if (concurrency < 1 || concurrency > MOST_CONCURRENCY) {
    refuse(
      `max_instance_request_concurrency must be between 1 and ${MOST_CONCURRENCY}, but was ${concurrency}.`,
    );
  }
  const least = numberOf(service['minInstanceCount'], 0);
  const most = numberOf(service['maxInstanceCount'], 100);
  if (least < 0 || most < 1 || least > most) {
    refuse(`min_instance_count (${least}) must be between 0 and max_instance_count (${most}).`);
  }
  resourcesOf({
    memory: textOf(service['availableMemory']) || '256M',
    cpu: textOf(service['availableCpu']),
    concurrency,
  });
  const variables = mapOf(service['environmentVariables']);
  checkVariables('service_config', variables);
  checkSecretVariables(service['secretEnvironmentVariables'], variables);
  if (service['secretVolumes'] !== undefined) {
    throw new GoogleFault('UNIMPLEMENTED', 'Secret volumes are not mounted here.');
  }
  const { vpcConnector, vpcConnectorEgressSettings } = service;
  if (vpcConnectorEgressSettings !== undefined && vpcConnector === undefined) {
    refuse('vpc_connector_egress_settings can only be set together with vpc_connector.');
  }
}

function checkVariables(where: string, variables: JsonMap): void {
  const entries = Object.entries(variables);
  for (const [key] of entries) checkVariable(key);
  const bytes = entries
    .map(([key, value]) => Buffer.byteLength(key) + Buffer.byteLength(textOf(value)))
    .reduce((sum, one) => sum + one, 0);
  if (bytes > MOST_ENV_BYTES) {
    refuse(
      `The ${where}.environment_variables are ${bytes} bytes, and must be at most ${MOST_ENV_BYTES} bytes.`,
    );
  }
}

function checkVariable(key: string): void {
  if (RESERVED.has(key) || key.startsWith('X_GOOGLE_')) {
    refuse(
      `The environment variable name ${key} is reserved by the system: it can't be set by users.`,
    );
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
    refuse(`The environment variable name "${key}" is invalid.`);
  }
}

function checkSecretVariables(json: unknown, variables: JsonMap): void {
  const all: readonly unknown[] = Array.isArray(json) ? json : [];
  const keys = new Set(Object.keys(variables));
  for (const one of all) {
    const { key, secret, version } = mapOf(one);
    const name = textOf(key);
    if (name === '' || textOf(secret) === '' || textOf(version) === '') {
      refuse('A secret environment variable must have a key, a secret and a version.');
    }
    checkVariable(name);
    if (keys.has(name)) refuse(`The environment variable ${name} is set more than once.`);
    keys.add(name);
  }
}

function checkAccount(world: World, call: RestCall, email: string): void {
  if (!world.identity.accountExists(email)) {
    refuse(`Service account ${email} does not exist.`);
  }
  requireRole(world, call, {
    resource: `projects/${world.projectId}/serviceAccounts/${email}`,
    permission: 'iam.serviceAccounts.actAs',
    roles: ['roles/iam.serviceAccountUser'],
  });
}
