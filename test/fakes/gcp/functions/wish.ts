/** Reads a function as it is wished for, with Google's defaults. */
import { isMap, mapOf, textOf, type JsonMap } from '../core/json.ts';
import type { World } from '../core/ports.ts';

export function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

/** The account that a function works as: the project's own for Compute Engine, unless another is named. */
export function accountOf({ projectNumber }: World, wish: JsonMap): string {
  const email = textOf(mapOf(wish['serviceConfig'])['serviceAccountEmail']);
  return email === '' ? `${projectNumber}-compute@developer.gserviceaccount.com` : email;
}

export interface SecretVariable {
  readonly key: string;
  /** `projects/p/secrets/s` */
  readonly secret: string;
  readonly version: string;
}

export function secretVariablesOf({ projectId }: World, wish: JsonMap): readonly SecretVariable[] {
  const json = mapOf(wish['serviceConfig'])['secretEnvironmentVariables'];
  const all: readonly unknown[] = Array.isArray(json) ? json : [];
  return all.map((one) => {
    const { key, secret, version } = mapOf(one);
    const id = textOf(secret).replace(/^.*\/secrets\//, '');
    return {
      key: textOf(key),
      secret: `projects/${projectId}/secrets/${id}`,
      version: textOf(version),
    };
  });
}

export function textMapOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(mapOf(value)).map(([key, one]) => [key, textOf(one)]));
}

/** What the API fills in for what was left out. */
export function withDefaults(world: World, wish: JsonMap): JsonMap {
  const service = mapOf(wish['serviceConfig']);
  return {
    ...wish,
    buildConfig: {
      dockerRegistry: 'ARTIFACT_REGISTRY',
      dockerRepository: `projects/${world.projectId}/locations/${locationOf(wish)}/repositories/gcf-artifacts`,
      ...mapOf(wish['buildConfig']),
    },
    serviceConfig: {
      timeoutSeconds: 60,
      availableMemory: '256M',
      maxInstanceCount: 100,
      maxInstanceRequestConcurrency: 1,
      ingressSettings: 'ALLOW_ALL',
      ...service,
      serviceAccountEmail: accountOf(world, wish),
      // The API adds it to whatever is set.
      environmentVariables: {
        ...mapOf(service['environmentVariables']),
        LOG_EXECUTION_ID: 'true',
      },
    },
  };
}

export function locationOf(wish: JsonMap): string {
  return /\/locations\/([^/]+)/.exec(textOf(wish['name']))?.[1] ?? '';
}

/** The uploaded source: `buildConfig.source.storageSource`. */
export function sourceOf(wish: JsonMap): {
  readonly bucket: string;
  readonly object: string;
  readonly generation: string | undefined;
} {
  const source = mapOf(mapOf(wish['buildConfig'])['source']);
  const { bucket, object, generation } = mapOf(
    isMap(source['storageSource']) ? source['storageSource'] : {},
  );
  return {
    bucket: textOf(bucket),
    object: textOf(object),
    generation: typeof generation === 'string' ? generation : undefined,
  };
}
