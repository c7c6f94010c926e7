/** Databases and containers of an account. */
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import { readFields } from '../service-bus/resource-tree/fields.ts';
import type {
  Resource,
  Timing,
  TypeRules,
  Wish,
  Wished,
} from '../service-bus/resource-tree/resource.ts';
import { ACCOUNT_TYPE, isServerless } from './accounts.ts';
import { badRequest, inProgress, notFound } from './faults.ts';

const DATABASE_TYPE = `${ACCOUNT_TYPE}/sqlDatabases`;
const TIMING: Timing = { ms: 4000, reply: 'accepted' };
const NAME = /^[^/\\#?]{1,254}[^/\\#? ]$|^[^/\\#? ]$/;

export interface ContainerEvents {
  made(container: Resource): void;
  removed(container: Resource): void;
}

export function databaseRules(apiVersions: readonly string[]): TypeRules {
  return {
    ...common(apiVersions, DATABASE_TYPE, 'cosmos database'),
    wish(wish) {
      const resource = resourceOf(wish);
      checkThroughput(wish);
      return { properties: { resource: { id: textOf(resource['id']) } } };
    },
  };
}

export function containerRules(apiVersions: readonly string[], events: ContainerEvents): TypeRules {
  return {
    ...common(apiVersions, `${DATABASE_TYPE}/containers`, 'cosmos container'),
    wish: wishedContainer,
    made: (container) => events.made(container),
    removed: (container) => events.removed(container),
  };
}

function common(
  apiVersions: readonly string[],
  type: string,
  label: string,
): Omit<TypeRules, 'wish'> {
  return {
    type,
    label,
    apiVersions,
    isTracked: false,
    creation: TIMING,
    deletion: TIMING,
    isHiddenWhileMade: true,
    checkName(name) {
      if (!NAME.test(name)) {
        throw badRequest(
          `The input name '${name}' is invalid. Ensure to provide a unique non-empty string less than '255' characters without '/', '\\', '#' and '?'.`,
        );
      }
    },
    shown: ({ properties, createdAt }) => ({
      resource: {
        ...mapOf(properties['resource']),
        _ts: Math.floor(createdAt / 1000),
      },
    }),
    busy: ({ name }) => inProgress(name),
    notFound,
  };
}

function resourceOf({ name, properties }: Wish): JsonMap {
  const resource = mapOf(readFields(properties, badRequest).map('resource'));
  const id = textOf(resource['id']);
  if (id === '') throw badRequest("The property 'resource.id' is required.");
  if (id !== name) {
    throw badRequest(
      `The resource id '${id}' in the body does not match the name '${name}' in the URL.`,
    );
  }
  return resource;
}

function checkThroughput({ parent, properties }: Wish): void {
  const options = mapOf(properties['options']);
  const asks = options['throughput'] !== undefined || options['autoscaleSettings'] !== undefined;
  const account = parent?.parent ?? parent;
  if (!asks || !account || !isServerless(account)) return;
  throw badRequest(
    'Setting offer throughput or autopilot on container is not supported for serverless accounts.',
  );
}

function wishedContainer(wish: Wish): Wished {
  const { found } = wish;
  const resource = resourceOf(wish);
  checkThroughput(wish);
  const key = mapOf(resource['partitionKey']);
  const paths: readonly unknown[] = Array.isArray(key['paths']) ? key['paths'] : [];
  const [path] = paths;
  if (paths.length === 0 || typeof path !== 'string') {
    throw badRequest("The property 'resource.partitionKey' with its 'paths' is required.");
  }
  if (paths.length > 1) throw badRequest('This fake has no hierarchical partition keys.');
  if (!/^\/.+/.test(path) || path.endsWith('/')) {
    throw badRequest(
      `The partition key component definition path '${path}' could not be accepted. Paths must begin with '/'.`,
    );
  }
  const partitionKey = {
    paths,
    kind: readFields(key, badRequest).word('kind', ['Hash']) ?? 'Hash',
    version: key['version'] ?? 2,
  };
  const before = mapOf(mapOf(found?.properties['resource'])['partitionKey']);
  if (found && JSON.stringify(before['paths']) !== JSON.stringify(paths)) {
    throw badRequest('Document collection partition key cannot be changed.');
  }
  const ttl = readFields(resource, badRequest).count('defaultTtl', -1, 2_147_483_647);
  return {
    properties: {
      resource: {
        id: textOf(resource['id']),
        partitionKey,
        ...(ttl !== undefined && { defaultTtl: ttl }),
        indexingPolicy: resource['indexingPolicy'] ?? {
          indexingMode: 'consistent',
          automatic: true,
        },
      },
    },
  };
}

/** `/user/id` */
export function partitionPath(container: Resource): string {
  const key = mapOf(mapOf(container.properties['resource'])['partitionKey']);
  const paths: readonly unknown[] = Array.isArray(key['paths']) ? key['paths'] : [];
  return textOf(paths[0]);
}
