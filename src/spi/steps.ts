/** From a step of a plan to what does it. */
import { ServerlessError } from '../errors/index.ts';
import type { Step, StepResult } from './plan.ts';
import type { CallContext, ServerlessProvider } from './provider.ts';

/** What does each kind of step. `Inputs` says what planners put into a step of a kind, as it is when the step is done. */
export type StepActs<Inputs extends { readonly [Kind in keyof Inputs]: object }> = {
  readonly [Kind in keyof Inputs]: (input: Inputs[Kind], call: CallContext) => Promise<StepResult>;
};

/**
 * An `execute` out of one function for each kind of step. Each gets the `input` of its step typed, with all references
 * resolved: the planners of the same adapter wrote it, and nothing checks it again.
 *
 * @param provider its name, for the error.
 * @returns what rejects with a `ServerlessError` INVALID_ARGUMENT for a kind that is not there: a plan of another version.
 *
 * @example
 * ```ts
 * import { executorOf, planStep, type Step } from 'polyfaas/spi';
 *
 * interface AcmeSteps {
 *   readonly 'go-live': { readonly name: string; readonly version: string };
 * }
 *
 * export const goLive: Step = planStep({
 *   id: 'go-live',
 *   phase: 'switch',
 *   title: 'Make the version live',
 *   input: { name: 'orders', version: { $from: 'publish.version' } } satisfies object,
 *   locks: ['orders'],
 *   deadlineSeconds: 60,
 * });
 * export const execute = executorOf<AcmeSteps>('acme', {
 *   'go-live': async ({ name, version }, { signal }) => {
 *     await fetch(`https://acme.example/${name}/live/${version}`, { method: 'PUT', signal });
 *     return { done: true };
 *   },
 * });
 * ```
 */
export function executorOf<Inputs extends { readonly [Kind in keyof Inputs]: object }>(
  provider: string,
  acts: StepActs<Inputs>,
): ServerlessProvider['execute'] {
  return async (step, call) => {
    const { kind } = step;
    if (isKind(acts, kind)) return acts[kind](inputOf<Inputs[typeof kind]>(step), call);
    const known = Object.keys(acts).join(', ');
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider,
      function: call.function,
      step: step.id,
      message: `The step "${step.id}" is of the kind "${kind}", and ${provider} knows ${known}. Was the plan made by another version? Plan again with this one.`,
    });
  };
}

function isKind<Acts extends object>(acts: Acts, kind: PropertyKey): kind is keyof Acts {
  return Object.hasOwn(acts, kind);
}

// The decoder of step inputs.
function inputOf<Input extends object>({ input }: Step): Input {
  const given: object = input;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the planners of the same adapter wrote it
  return given as Input;
}
