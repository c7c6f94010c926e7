import type { World } from '../../core/ports.ts';

const NAMESPACE = 'AWS/Lambda';
/** `...:function:NAME:QUALIFIER` */
const QUALIFIED = /:function:([^:]+):([^:]+)$/;

/** Puts the metrics of Lambda, for each set of dimensions that Lambda keeps them for. */
export class CallMetrics {
  readonly #world: World;
  readonly #functionName: string;
  /** All metrics of a call bear the time at which it came. */
  readonly #at: number;
  readonly #dimensions: readonly Readonly<Record<string, string>>[];

  constructor(world: World, functionName: string, invokedArn: string) {
    this.#world = world;
    this.#functionName = functionName;
    this.#at = world.clock.now();
    const qualifier = QUALIFIED.exec(invokedArn)?.[2];
    this.#dimensions = [
      {},
      { FunctionName: functionName },
      ...(qualifier === undefined
        ? []
        : [{ FunctionName: functionName, Resource: `${functionName}:${qualifier}` }]),
    ];
  }

  throttled(): void {
    this.#put('Throttles', 1);
  }

  started(concurrency: { readonly ofFunction: number; readonly ofAccount: number }): void {
    this.#put('Invocations', 1);
    this.#put('Throttles', 0);
    for (const dimensions of this.#dimensions) {
      const isAccount = Object.keys(dimensions).length === 0;
      const value = isAccount ? concurrency.ofAccount : concurrency.ofFunction;
      this.#world.metrics.put(NAMESPACE, 'ConcurrentExecutions', dimensions, value, this.#at);
    }
  }

  ended(durationMs: number, isFailure: boolean): void {
    this.#put('Duration', durationMs);
    this.#put('Errors', isFailure ? 1 : 0);
  }

  /** Of an asynchronous call, which was given up and could not be handed on. */
  undelivered(name: 'DestinationDeliveryFailures' | 'DeadLetterErrors'): void {
    const dimensions = { FunctionName: this.#functionName };
    this.#world.metrics.put(NAMESPACE, name, dimensions, 1, this.#at);
  }

  #put(name: string, value: number): void {
    for (const dimensions of this.#dimensions)
      this.#world.metrics.put(NAMESPACE, name, dimensions, value, this.#at);
  }
}
