import type { Step } from 'polyfaas/spi';
import type { Target } from './model.ts';

/** A target whose identity is known by now. */
export type KnownTarget = Target & { readonly principalId: string; readonly clientId: string };

// The decoder of step inputs: this adapter's own planners wrote them, and the engine resolved them.
export function inputOf<Input extends object>(
  step: Step,
): Input & { readonly target: KnownTarget } {
  const input: unknown = step.input;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return input as Input & { readonly target: KnownTarget };
}
