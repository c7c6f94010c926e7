/** A function as it is shown. */
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import type { World } from '../core/ports.ts';
import { serviceNameOf, type StoredFunction } from './store.ts';

export function shown(world: World, stored: StoredFunction): JsonMap {
  const { name, createdAt, updatedAt, config, state, stateMessages, deployed } = stored;
  const build = mapOf(config['buildConfig']);
  const service = mapOf(config['serviceConfig']);
  const { allTrafficOnLatestRevision: _, ...settings } = service;
  const serviceName = serviceNameOf(name);
  const source = mapOf(mapOf(build['source'])['storageSource']);
  return {
    ...config,
    name,
    state,
    stateMessages,
    createTime: new Date(createdAt).toISOString(),
    updateTime: new Date(updatedAt).toISOString(),
    buildConfig: {
      ...build,
      ...(deployed && {
        build: deployed.build,
        sourceProvenance: { resolvedStorageSource: source },
      }),
    },
    serviceConfig: {
      ...settings,
      ...(deployed && {
        service: serviceName,
        uri: world.run.urlOf(serviceName) ?? deployed.url,
        revision: deployed.revision,
        // Not what was asked for, but what is: Cloud Run may have been told otherwise since.
        allTrafficOnLatestRevision: world.run.isOnLatest(serviceName),
      }),
    },
    ...(deployed && { url: textOf(world.run.urlOf(serviceName)) || deployed.url }),
  };
}
