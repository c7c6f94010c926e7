/** Templates of revisions: what Cloud Functions wishes as one, and what one is for the runtime. */
import { isMap, mapOf, textOf, type JsonMap } from '../core/json.ts';
import type { InstanceSetup, RunPort, World } from '../core/ports.ts';
import { protoJson } from '../core/proto-json.ts';
import { violation } from './names.ts';

type FunctionSetup = Parameters<RunPort['deploy']>[0]['setup'];

const proto = protoJson('run');
const AT = 'Violation in UpdateServiceRequest.service.template';
const MEGABYTES: Readonly<Record<string, number>> = {
  Ki: 1 / 1024,
  Mi: 1,
  Gi: 1024,
  K: 1000 / 1024 ** 2,
  M: 1000 ** 2 / 1024 ** 2,
  G: 1000 ** 3 / 1024 ** 2,
};

export function templateOf(world: World, service: string, setup: FunctionSetup): JsonMap {
  const { env, secretEnv, memoryMb, timeoutSeconds, concurrency, maxInstances } = setup;
  const image = `${world.location}-docker.pkg.dev/${world.projectId}/gcf-artifacts/${service}`;
  return proto.decode('RevisionTemplate', {
    annotations: { 'cloudfunctions.googleapis.com/trigger-type': 'HTTP_TRIGGER' },
    scaling: { maxInstanceCount: maxInstances },
    timeout: `${timeoutSeconds}s`,
    serviceAccount: setup.serviceAccount,
    maxInstanceRequestConcurrency: concurrency,
    containers: [
      {
        name: 'worker',
        image,
        env: [
          ...Object.entries(env).map(([name, value]) => ({ name, value })),
          ...Object.entries(secretEnv).map(([name, secretKeyRef]) => ({
            name,
            valueSource: { secretKeyRef },
          })),
        ],
        resources: { limits: { memory: `${memoryMb}Mi` } },
        ports: [{ name: 'http1', containerPort: 8080 }],
      },
    ],
  });
}

/** What of an instance's setup is in a template. @throws GoogleFault for what Cloud Run does not take */
export function setupOf(
  template: JsonMap,
): Omit<
  InstanceSetup,
  'service' | 'serviceName' | 'revision' | 'folder' | 'entryPoint' | 'minInstances'
> {
  const container = containerOf(template);
  const timeoutSeconds = Number(/^(\d+(?:\.\d+)?)s$/.exec(textOf(template['timeout']))?.[1] ?? 300);
  if (timeoutSeconds > 3600) throw violation(`${AT}.timeout`, 'maximum allowed time is one hour.');
  const concurrency = numberOf(template['maxInstanceRequestConcurrency'], 80);
  if (concurrency < 1 || concurrency > 1000) {
    throw violation(
      `${AT}.max_instance_request_concurrency`,
      'should be a number between 1 and 1000.',
    );
  }
  return {
    ...environmentOf(container),
    memoryMb: memoryOf(container),
    timeoutSeconds,
    concurrency,
    maxInstances: numberOf(mapOf(template['scaling'])['maxInstanceCount'], 100),
    serviceAccount: textOf(template['serviceAccount']),
  };
}

export function imageOf(template: JsonMap): string {
  return textOf(containerOf(template)['image']);
}

/** Of the revision itself, beside those of the service. */
export function minInstancesOf(template: JsonMap): number {
  return numberOf(mapOf(template['scaling'])['minInstanceCount'], 0);
}

function containerOf(template: JsonMap): JsonMap {
  const { containers } = template;
  const [container, ...others]: readonly unknown[] = Array.isArray(containers) ? containers : [];
  if (!isMap(container) || others.length > 0)
    throw violation(`${AT}.containers`, 'should contain exactly one container.');
  return container;
}

function environmentOf(container: JsonMap): Pick<InstanceSetup, 'env' | 'secretEnv'> {
  const variables: readonly unknown[] = Array.isArray(container['env']) ? container['env'] : [];
  const env: Record<string, string> = {};
  const secretEnv: Record<string, { secret: string; version: string }> = {};
  for (const [index, variable] of variables.entries()) {
    const { name, value, valueSource } = mapOf(variable);
    const at = `${AT}.containers[0].env[${index}].name`;
    if (textOf(name) === '') throw violation(at, 'should be set.');
    if (RESERVED.has(textOf(name)))
      throw violation(at, `The following reserved env names were provided: ${textOf(name)}.`);
    if (textOf(name) in env || textOf(name) in secretEnv)
      throw violation(at, `The name ${textOf(name)} is not unique.`);
    const secret = mapOf(mapOf(valueSource)['secretKeyRef']);
    if (isMap(valueSource)) {
      secretEnv[textOf(name)] = {
        secret: textOf(secret['secret']),
        version: textOf(secret['version']) || 'latest',
      };
    } else env[textOf(name)] = textOf(value);
  }
  return { env, secretEnv };
}

/** https://cloud.google.com/run/docs/configuring/services/environment-variables#reserved */
const RESERVED = new Set(['PORT', 'K_SERVICE', 'K_REVISION', 'K_CONFIGURATION']);

function memoryOf(container: JsonMap): number {
  const text = textOf(mapOf(mapOf(container['resources'])['limits'])['memory']) || '512Mi';
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|K|M|G)$/.exec(text) ?? [];
  const megabytes = Number(number) * (MEGABYTES[unit] ?? Number.NaN);
  // 128M is a little less than 128Mi.
  if (megabytes >= 122 && megabytes <= 32 * 1024) return megabytes;
  throw violation(
    `${AT}.containers[0].resources.limits.memory`,
    `Invalid value specified for container memory: "${text}". It is between 128Mi and 32Gi.`,
  );
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value > 0 ? value : otherwise;
}
