/** Two processes that change the events of one function: the second one does all of its work between two calls of the first. */
import type { FunctionSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import type { ProviderFactory, Step, StepResult } from 'polyfaas/spi';
import type { CloudStage } from './stage.ts';
import { ended, withEvents, type Ending, type Part } from './two-processes.ts';

interface Interrupted {
  settle(): Promise<void>;
  readonly faults: {
    interrupt(meanwhile: { readonly call: number; work(): Promise<void> }): void;
    disarm(): void;
  };
}

type MetStage = Pick<CloudStage<Interrupted, unknown>, 'fake' | 'manager'>;

export function managed(stage: MetStage, { main }: Pick<Part, 'main'>): Promise<ServerlessManager> {
  // Whoever waits for the other one is not given up.
  return stage.manager({
    functions: { main },
    limits: { attemptTimeoutSeconds: 600, maxAttempts: 4 },
  });
}

export interface Met {
  readonly first: Ending;
  /** Undefined when the first took less calls this time. */
  readonly second: Ending | undefined;
}

/** The second works right before that call of the first. */
export async function meet(
  stage: MetStage,
  first: Part,
  second: Part,
  call: number,
  before: FunctionSpec = withEvents(),
): Promise<Met> {
  await (await managed(stage, { main: before })).deploy('main');
  const [ours, theirs] = [await managed(stage, first), await managed(stage, second)];
  let met: Ending | undefined;
  stage.fake.faults.interrupt({
    call,
    async work() {
      met = await ended(second.work(theirs));
    },
  });
  const own = await ended(first.work(ours));
  stage.fake.faults.disarm();
  await stage.fake.settle();
  return { first: own, second: met };
}

export async function clear(stage: MetStage): Promise<void> {
  await (await managed(stage, { main: withEvents() })).remove('main');
  await stage.fake.settle();
}

export interface Turns {
  before?(step: Step): Promise<void> | void;
  after?(result: StepResult): Promise<void> | void;
}

/** A provider that tells of each turn of a step, and waits for whoever is told. */
export function toldOf(turns: Turns, create: ProviderFactory): ProviderFactory {
  return async (parts) => {
    const provider = await create(parts);
    return {
      ...provider,
      async execute(step, call) {
        await turns.before?.(step);
        const result = await provider.execute(step, call);
        await turns.after?.(result);
        return result;
      },
    };
  };
}
