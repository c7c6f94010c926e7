/** What Application Auto Scaling keeps: targets, and the policies and scheduled actions on them. */
import { randomUUID } from 'node:crypto';
import { text, type Input } from '../core/operation.ts';
import { AwsFault } from '../core/service.ts';

/** What names a target, in all operations. */
export interface TargetKey {
  readonly namespace: string;
  readonly resource: string;
  readonly dimension: string;
}

export interface ScalingPolicy {
  readonly name: string;
  readonly arn: string;
  readonly type: string;
  readonly configuration: Input | undefined;
  readonly createdAt: number;
}

export interface ScheduledAction {
  readonly name: string;
  readonly arn: string;
  readonly schedule: string;
  readonly timezone: string | undefined;
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  readonly action: Input | undefined;
  readonly createdAt: number;
}

export interface ScalableTarget extends TargetKey {
  min: number;
  max: number;
  readonly roleArn: string;
  readonly arn: string;
  readonly createdAt: number;
  suspended: Input;
  readonly policies: Map<string, ScalingPolicy>;
  readonly actions: Map<string, ScheduledAction>;
}

const RULES = { code: 'ValidationException' } as const;
const DIMENSION = 'lambda:function:ProvisionedConcurrency';

/** The three members that name a target. Only the provisioned concurrency of functions is known here. */
export function keyOf(input: Input): TargetKey {
  const namespace = text(input, 'ServiceNamespace', { ...RULES, oneOf: ['lambda'] });
  const resource = text(input, 'ResourceId', { ...RULES, min: 1, max: 1600 });
  const dimension = text(input, 'ScalableDimension', { ...RULES, oneOf: [DIMENSION] });
  if (!/^function:[\w-]{1,64}:[\w-]+$/.test(resource) || resource.endsWith(':$LATEST')) {
    const message = `Unsupported service namespace, resource type or scalable dimension: ${namespace}, ${resource}, ${dimension}`;
    throw new AwsFault(400, 'ValidationException', message);
  }
  return { namespace, resource, dimension };
}

export class Targets {
  readonly #targets = new Map<string, ScalableTarget>();

  get all(): readonly ScalableTarget[] {
    return [...this.#targets.values()];
  }

  find(key: TargetKey): ScalableTarget | undefined {
    return this.#targets.get(key.resource);
  }

  get(key: TargetKey): ScalableTarget {
    const target = this.find(key);
    if (!target) {
      throw notFound(
        `No scalable target found for service namespace: ${key.namespace}, resource ID: ${key.resource}, scalable dimension: ${key.dimension}`,
      );
    }
    return target;
  }

  add(target: ScalableTarget): void {
    this.#targets.set(target.resource, target);
  }

  /** Its policies and scheduled actions go with it. */
  delete(target: ScalableTarget): void {
    this.#targets.delete(target.resource);
  }
}

export function notFound(message: string): AwsFault {
  return new AwsFault(400, 'ObjectNotFoundException', message);
}

/** The end of an ARN. */
export function arnId(): string {
  return randomUUID();
}
