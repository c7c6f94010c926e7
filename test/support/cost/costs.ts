/** Functions whose operations are counted, and the counting. */
import type { FunctionSpec, PolyfaasConfig } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { EVENTS_SOURCE } from '../refusals.ts';

type Work = () => Promise<unknown>;

export interface Costs {
  /** A manager of its own for each operation: nothing is there of what was before. */
  fresh(name: string, spec: FunctionSpec): Promise<ServerlessManager>;
  /** A function that handles every event, and a manager that has looked at it before. */
  deployed(name: string, source?: string): Promise<ServerlessManager>;
  /** The calls that were made meanwhile. */
  during(work: Work): Promise<readonly string[]>;
  /** The calls of reading the logs of an hour to their end. */
  readingLogs(manager: ServerlessManager, name: string): Promise<readonly string[]>;
}

interface CostStage {
  manager(config: PolyfaasConfig): Promise<ServerlessManager>;
}

/**
 * @param stageOf asked at each use, for a stage is made before the tests and after their file is read.
 * @param configOf what managers of the function of a name have besides it
 */
export function costsOf<Stage extends CostStage>(
  stageOf: () => Stage,
  callsDuring: (stage: Stage, work: Work) => Promise<readonly string[]>,
  configOf: (name: string) => PolyfaasConfig = () => ({}),
): Costs {
  const self: Costs = {
    fresh: (name, spec) => stageOf().manager({ ...configOf(name), functions: { [name]: spec } }),
    async deployed(name, source = EVENTS_SOURCE) {
      const manager = await self.fresh(name, { source });
      await manager.deploy(name);
      return manager;
    },
    during: (work) => callsDuring(stageOf(), work),
    readingLogs: (manager, name) =>
      self.during(async () => {
        for await (const { message } of manager.logs(name, { last: '1h' })) void message;
      }),
  };
  return self;
}
