/** One deployment: the build, and the new revision. */
import { randomUUID } from 'node:crypto';
import { GoogleFault } from '../core/fault.ts';
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import type { World } from '../core/ports.ts';
import { resourcesOf } from './resources.ts';
import { serviceNameOf } from './store.ts';
import { accountOf, locationOf, numberOf, secretVariablesOf, sourceOf, textMapOf } from './wish.ts';

/** How Cloud Run calls what Cloud Functions calls otherwise. */
const INGRESS: Readonly<Record<string, string>> = {
  ALLOW_ALL: 'INGRESS_TRAFFIC_ALL',
  ALLOW_INTERNAL_ONLY: 'INGRESS_TRAFFIC_INTERNAL_ONLY',
  ALLOW_INTERNAL_AND_GCLB: 'INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER',
};

/** The source as it was when the operation began. @throws GoogleFault when there is none */
export function readSource({ storage }: World, wish: JsonMap): Buffer {
  const { bucket, object, generation } = sourceOf(wish);
  if (bucket === '' || object === '') {
    throw new GoogleFault('INVALID_ARGUMENT', 'The source of the function must be specified.');
  }
  const zip =
    storage.uploaded(bucket, object, generation) ?? storage.get(bucket, object, generation);
  if (zip) return zip;
  throw new GoogleFault(
    'INVALID_ARGUMENT',
    `The source archive gs://${bucket}/${object} could not be read: it does not exist, or was not uploaded.`,
  );
}

/** @throws GoogleFault with the build's log */
export async function build(
  world: World,
  zip: Buffer,
  wish: JsonMap,
): Promise<{ readonly folder: string; readonly build: string }> {
  const id = randomUUID();
  const location = locationOf(wish);
  try {
    const { folder } = await world.runtime.build(zip, entryPointOf(wish));
    const name = `projects/${world.projectNumber}/locations/${location}/builds/${id}`;
    return { folder, build: name };
  } catch (error) {
    if (!(error instanceof GoogleFault)) throw error;
    if (error.message.startsWith('Build failed')) throw error;
    const logs = `https://console.cloud.google.com/cloud-build/builds;region=${location}/${id}?project=${world.projectNumber}`;
    throw new GoogleFault(
      'INVALID_ARGUMENT',
      `Build failed with status: FAILURE and message: ${error.message}. For more details see the logs at ${logs}.`,
    );
  }
}

/** @throws GoogleFault when the revision does not become ready */
export async function deploy(
  world: World,
  wish: JsonMap,
  folder: string,
): Promise<{ readonly url: string; readonly revision: string }> {
  const name = textOf(wish['name']);
  const id = name.split('/').at(-1) ?? name;
  const service = mapOf(wish['serviceConfig']);
  const secrets = secretVariablesOf(world, wish);
  const account = accountOf(world, wish);
  for (const [index, { secret, version }] of secrets.entries()) {
    const read = world.secrets.access(secret, version, { kind: 'account', email: account });
    if ('value' in read) continue;
    const at = `spec.template.spec.containers[0].env[${index}].value_from.secret_key_ref.name`;
    const told = `${secret}/versions/${version}`;
    throw failedService(
      id,
      read.fault === 'PERMISSION_DENIED'
        ? `${at}: Permission denied on secret: ${told} for Revision service account ${account}. The service account used must be granted the 'Secret Manager Secret Accessor' role (roles/secretmanager.secretAccessor) at the secret, project or higher level.`
        : `${at}: Secret ${told} was not found`,
    );
  }
  const concurrency = numberOf(service['maxInstanceRequestConcurrency'], 1);
  const { memoryMb } = resourcesOf({
    memory: textOf(service['availableMemory']) || '256M',
    cpu: textOf(service['availableCpu']),
    concurrency,
  });
  try {
    return await world.run.deploy({
      serviceName: serviceNameOf(name),
      setup: {
        folder,
        env: textMapOf(service['environmentVariables']),
        secretEnv: Object.fromEntries(
          secrets.map(({ key, secret, version }) => [key, { secret, version }]),
        ),
        memoryMb,
        timeoutSeconds: numberOf(service['timeoutSeconds'], 60),
        concurrency,
        maxInstances: numberOf(service['maxInstanceCount'], 100),
        serviceAccount: account,
        entryPoint: entryPointOf(wish),
      },
      ingress: INGRESS[textOf(service['ingressSettings'])] ?? 'INGRESS_TRAFFIC_ALL',
      minInstances: numberOf(service['minInstanceCount'], 0),
      labels: { ...textMapOf(wish['labels']), 'goog-managed-by': 'cloudfunctions' },
      allTrafficOnLatest: service['allTrafficOnLatestRevision'] === true,
    });
  } catch (error) {
    if (!(error instanceof GoogleFault)) throw error;
    throw failedService(id, error.message);
  }
}

function failedService(id: string, why: string): GoogleFault {
  if (why.startsWith('Could not create')) return new GoogleFault('INVALID_ARGUMENT', why);
  return new GoogleFault(
    'INVALID_ARGUMENT',
    `Could not create or update Cloud Run service ${id}, ${why}`,
  );
}

function entryPointOf(wish: JsonMap): string {
  return textOf(mapOf(wish['buildConfig'])['entryPoint']);
}
