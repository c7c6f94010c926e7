/** What a pool is told in these tests. Of its own, as a host in another process needs no more of the harness. */
import type { LocalCall, PoolSettings } from '../../../providers/local/ports.ts';
import type { JsonValue } from '../../../src/function/json.types.ts';

let requests = 0;

export function call(event: JsonValue = null): LocalCall {
  requests += 1;
  return {
    kind: 'invoke',
    event,
    meta: { requestId: `request-${requests}`, attempt: 1, deadline: 0 },
  };
}

export function poolSettings(folder: string, settings: Partial<PoolSettings> = {}): PoolSettings {
  const memoryMb = settings.memoryMb ?? 256;
  const timeoutSeconds = settings.timeoutSeconds ?? 30;
  return {
    identity: {
      app: 'shop',
      stage: 'test',
      functionName: 'orders',
      version: '7',
      memoryMb,
      timeoutSeconds,
      provider: 'local',
      region: 'local',
    },
    codeFolder: folder,
    entryFile: 'index.mjs',
    env: {},
    concurrency: 1,
    minInstances: 0,
    maxInstances: 4,
    isolation: 'thread',
    idleSeconds: 60,
    maxWaiting: 100,
    ...settings,
    memoryMb,
    timeoutSeconds,
  };
}
