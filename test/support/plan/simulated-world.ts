/** A world whose platform is a plain value, and a function from one to the next. */
import type { DeployRequest, JsonObject, ObservedFunction, Planners } from 'polyfaas/spi';
import { applySteps } from './apply.ts';
import { deepFreeze } from './deep-freeze.ts';
import { operationsOf, type PlanBase } from './operations.ts';
import type { PlanWorld } from './world.ts';

export interface SimulatedWorld<Wish, Observed extends ObservedFunction, State> extends PlanWorld<
  Wish,
  Observed
> {
  state(): State;
  /** Lets somebody change things behind our back. */
  meddle(change: (state: State) => void): void;
}

export interface SimulatedPlatform<Wish, Observed extends ObservedFunction, State> {
  readonly planners: Planners<Observed>;
  readonly base: PlanBase;
  readonly empty: State;
  /** What of the state a reading tells; more of it where the reading is full. */
  observe(state: State, isFull: boolean): Observed;
  /** What a step does to a state that is its own to change. */
  perform(
    state: State,
    kind: string,
    input: JsonObject,
  ): { readonly state: State; readonly output: JsonObject };
  requestOf(wish: Wish): DeployRequest;
  /** Puts a namesake into the state that is somebody else's. */
  stranger(state: State): void;
}

export function simulatedWorld<Wish, Observed extends ObservedFunction, State>(
  platform: SimulatedPlatform<Wish, Observed, State>,
): SimulatedWorld<Wish, Observed, State> {
  const { planners, base, requestOf } = platform;
  let isFull = false;
  let state = structuredClone(platform.empty);
  const observed = (): Observed => deepFreeze(platform.observe(state, isFull));
  const meddle = (change: (state: State) => void): void => {
    state = structuredClone(state);
    change(state);
  };
  return {
    ...operationsOf(planners, base, observed, requestOf),
    observed,
    state: () => state,
    apply: (plan, steps = plan.steps.length) =>
      applySteps(plan, steps, (kind, input) => {
        const done = platform.perform(structuredClone(state), kind, input);
        state = done.state;
        return done.output;
      }),
    readAll() {
      isFull = true;
    },
    stranger: () => meddle(platform.stranger),
    meddle,
    // Nothing is held.
    [Symbol.dispose]() {},
  };
}
