/** The fake of AWS Lambda: its control plane, function URLs, and the way to the part that runs functions. */
import type { LambdaPort, World } from '../core/ports.ts';
import { restService, type RestMatch, type RestService } from '../core/rest.ts';
import type { WireReply, WireRequest } from '../core/service.ts';
import { concurrencyRoutes } from './concurrency.ts';
import { eventInvokeRoutes } from './event-invoke.ts';
import type { Execution } from './execution.ts';
import { functionRoutes } from './functions.ts';
import { invokeRoutes } from './invocations.ts';
import { lambdaInventory } from './inventory.ts';
import { lambdaPort } from './invoke.ts';
import { layerRoutes } from './layers.ts';
import { policyRoutes } from './policy.ts';
import { provisionedRoutes } from './provisioned.ts';
import { createExecution } from './runtime/index.ts';
import { LambdaState, type FakeImage } from './state.ts';
import { tagRoutes } from './tags.ts';
import { urlRoutes } from './urls.ts';
import { versionRoutes } from './versions.ts';

export interface LambdaService extends RestService {
  readonly port: LambdaPort;
  /** Images that `CreateFunction` finds, by URI. A test registers them here, instead of pushing to a registry. */
  readonly images: Map<string, FakeImage>;
  /** No instances can be kept ready any more, for this reason; undefined: they can again. */
  refuseInstances(reason: string | undefined): void;
}

export interface LambdaServiceOptions {
  /** Default: the one that runs the code in processes and threads of this machine. */
  readonly execution?: Execution;
  /** What serves event source mappings, a part of this API. Default: `world.mappings`, where that can. */
  readonly mappings?: Mappings;
}

/** Serves what lies below `/2015-03-31/event-source-mappings`. */
export interface Mappings {
  handle(request: WireRequest): Promise<WireReply>;
  operationOf?(request: Pick<WireRequest, 'method' | 'path'>): string | undefined;
  match?(method: string, path: string): RestMatch | undefined;
}

const MAPPINGS = '/2015-03-31/event-source-mappings';

export function createLambdaService(
  world: World,
  options: LambdaServiceOptions = {},
): LambdaService {
  const images = new Map<string, FakeImage>();
  const execution = options.execution ?? createExecution(world);
  const state = new LambdaState(world, execution, images);
  const service = restService({
    id: 'lambda',
    routes: [
      ...functionRoutes(state),
      ...versionRoutes(state),
      ...policyRoutes(state),
      ...concurrencyRoutes(state),
      ...provisionedRoutes(state),
      ...eventInvokeRoutes(state),
      ...urlRoutes(state),
      ...tagRoutes(state),
      ...layerRoutes(state),
      ...invokeRoutes(state),
    ],
    inventory: () => lambdaInventory(state),
    async stop() {
      const urls = [...state.functions.values()].flatMap((fn) => [...fn.urls.values()]);
      await Promise.all(urls.map((url) => url.close()));
      await execution.stop();
    },
  });
  /** Looked up when it is used: the world is put together later. */
  function mappingsFor(path: string): Mappings | undefined {
    if (!path.startsWith(MAPPINGS)) return undefined;
    const own: unknown = world.mappings;
    return options.mappings ?? (isMappings(own) ? own : undefined);
  }

  return {
    ...service,
    port: lambdaPort(state),
    images,
    refuseInstances(reason) {
      state.refusesInstances = reason;
    },
    match: (method, path) => {
      const mappings = mappingsFor(path);
      return mappings ? mappings.match?.(method, path) : service.match(method, path);
    },
    handle: (request) => (mappingsFor(request.path) ?? service).handle(request),
    operationOf(request) {
      const { method, path } = request;
      const mappings = mappingsFor(path);
      if (!mappings) return service.match(method, path)?.route.operation;
      return mappings.operationOf?.(request) ?? mappings.match?.(method, path)?.route.operation;
    },
  };
}

function isMappings(value: unknown): value is Mappings {
  return (
    typeof value === 'object' &&
    value !== null &&
    'handle' in value &&
    typeof value.handle === 'function'
  );
}
