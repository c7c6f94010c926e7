/** Who takes the deliveries of a consumer group: a function of a deployment, by its trigger. */
import type { DeployedFunction, QueueTrigger, ReadyDeployment } from '../core/ports.ts';

export interface Consumer {
  readonly deployment: ReadyDeployment;
  readonly served: DeployedFunction;
  readonly trigger: QueueTrigger;
}

export function consumersOf(deployment: ReadyDeployment): readonly Consumer[] {
  return deployment.functions.flatMap((served) =>
    served.triggers.map((trigger) => ({ deployment, served, trigger })),
  );
}
