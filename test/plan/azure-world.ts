/**
 * The Azure adapter over a fake that really does what is planned: whatever is asked of the world is planned, noted, and
 * carried out, so that each plan is made for a state that plans led to.
 */
import { PHASES, type Plan, type Planners, type ProviderFactory } from 'polyfaas/spi';
import { createAzureProvider } from 'polyfaas/azure';
import type { ServerlessManager } from 'polyfaas/contract';
import type { EventSpec, FunctionSpec } from '../../src/spec/types.ts';
import type { AzureObserved } from '../../providers/azure/model.ts';
import type { AzureFunctionOptions, AzureOptions } from '../../providers/azure/options.ts';
import { dependenciesOf } from '../../src/engine/step-order.ts';
import { createStage, type Stage } from '../azure/support/stage.ts';
import { deepFreeze } from '../support/plan/deep-freeze.ts';

/** A wish: a letter in place of code, and the rest as users declare it. */
export type Wish = Omit<
  FunctionSpec,
  'source' | 'entry' | 'artifact' | 'image' | 'providerOptions'
> & {
  readonly code: string;
  readonly azure?: AzureFunctionOptions;
};

export interface DeployOptions {
  readonly adopt?: boolean;
  readonly prune?: boolean;
  readonly drift?: 'full';
  /** Nothing more begins once the step of this id is done. */
  readonly until?: string;
}

export interface World extends AsyncDisposable {
  readonly stage: Stage;
  readonly manager: ServerlessManager;
  /** Every plan of the deploys and all else so far, oldest first. */
  readonly plans: readonly Plan[];
  /** Only plans. */
  plan(wish: Wish, options?: DeployOptions): Promise<Plan>;
  /** These do it as well. */
  deploy(wish: Wish, options?: DeployOptions): Promise<Plan>;
  configureEvent(event: EventSpec): Promise<Plan>;
  removeEvent(bindingId: string): Promise<Plan>;
  rollback(version?: string): Promise<Plan>;
  remove(name?: string): Promise<Plan>;
  prune(keepVersions: number): Promise<Plan>;
  preWarm(instances: number): Promise<Plan>;
}

export const FUNCTION = 'orders';
const KINDS = ['http', 'schedule', 'queue', 'topic', 'object', 'stream', 'table', 'bus'];

/** Handles everything, and says which letter it is. */
function sourceOf(letter: string): string {
  return `const on = async () => undefined;
export default Object.assign(
  { [Symbol.for('polyfaas.function')]: true, invoke: async () => '${letter}' },
  Object.fromEntries(${JSON.stringify(KINDS)}.map((kind) => [kind, on])),
);`;
}

export function specOf({ code, azure, ...declared }: Wish): FunctionSpec {
  return { ...declared, source: sourceOf(code), ...(azure ? { providerOptions: { azure } } : {}) };
}

export async function azureWorld(options: AzureOptions = {}): Promise<World> {
  const stage = await createStage();
  const plans: Plan[] = [];
  const provider: ProviderFactory = (parts) => {
    const real = createAzureProvider(parts);
    return { ...real, plan: watched(real.plan, (plan) => void plans.push(plan)) };
  };
  const manager = await stage.manager(
    {
      functions: { [FUNCTION]: { source: sourceOf('none') } },
      providerOptions: { azure: { keyVault: VAULT, ...options } },
    },
    provider,
  );
  stage.fake.world.vault.set(VAULT, 'orders-database', 'postgres://');
  const last = async (work: () => Promise<unknown>): Promise<Plan> => {
    const from = plans.length;
    await work();
    const plan = plans[from];
    if (!plan || plans.length !== from + 1) throw new Error('That is not one plan');
    return plan;
  };
  return {
    stage,
    manager,
    plans,
    plan: (wish, given = {}) =>
      last(() => manager.plan(FUNCTION, { ...given, spec: specOf(wish) })),
    deploy: (wish, { until, ...given } = {}) =>
      last(async () => {
        const controller = new AbortController();
        const spec = specOf(wish);
        const deploying = manager.deploy(FUNCTION, {
          ...given,
          spec,
          signal: controller.signal,
          onProgress: ({ step, status }) => {
            if (step === until && status === 'done') controller.abort();
          },
        });
        const [ended] = await Promise.allSettled([deploying]);
        const isBrokenOff = ended.status === 'rejected' && controller.signal.aborted;
        if (until === undefined && ended.status === 'rejected') throw ended.reason;
        if (until !== undefined && !isBrokenOff) throw new Error(`There is no step "${until}"`);
      }),
    configureEvent: (event) => last(() => manager.configureEvent(FUNCTION, event)),
    removeEvent: (id) => last(() => manager.removeEvent(FUNCTION, id)),
    rollback: (version) =>
      last(() => manager.rollback(FUNCTION, version === undefined ? {} : { version })),
    remove: (name = FUNCTION) => last(() => manager.remove(name)),
    prune: (keepVersions) => last(() => manager.prune(FUNCTION, { keepVersions })),
    preWarm: (instances) => last(() => manager.preWarm(FUNCTION, { instances })),
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  };
}

export const VAULT = 'shop-vault';

/**
 * Planners are given what cannot be changed, so that one that changes it throws; and each plan is looked at: the same
 * when it is made twice, JSON, its steps in the order of their phases, and none that needs a later one.
 */
function watched(
  planners: Planners<AzureObserved>,
  note: (plan: Plan) => void,
): Planners<AzureObserved> {
  const watch =
    <Request>(make: (request: Request, observed: AzureObserved) => Plan) =>
    (request: Request, observed: AzureObserved): Plan => {
      deepFreeze(request);
      deepFreeze(observed);
      const plan = make(request, observed);
      assertPlan(plan, make(request, observed), observed);
      note(plan);
      return plan;
    };
  return {
    deploy: watch(planners.deploy),
    configureEvent: watch(planners.configureEvent),
    removeEvent: watch(planners.removeEvent),
    preWarm: watch(planners.preWarm),
    rollback: watch(planners.rollback),
    remove: watch(planners.remove),
    prune: watch(planners.prune),
  };
}

function assertPlan(plan: Plan, again: Plan, { token }: AzureObserved): void {
  const text = JSON.stringify(plan);
  const phases = plan.steps.map(({ phase }) => PHASES.indexOf(phase));
  const problems = [
    ...(text === JSON.stringify(again) ? [] : ['made twice, it is another one']),
    ...(JSON.stringify(JSON.parse(text)) === text ? [] : ['it is no JSON']),
    ...(phases.every((phase, index) => phase >= (phases[index - 1] ?? 0))
      ? []
      : ['its phases are out of order']),
    ...(plan.basedOn === token ? [] : ['it is based on something else']),
  ];
  if (problems.length > 0) throw new Error(`A plan of ${plan.operation}: ${problems.join('; ')}`);
  dependenciesOf(plan);
}
