import type { Step } from 'polyfaas/spi';

// The decoder of step inputs: this adapter's own planners wrote them, and the engine resolved them.
export function inputOf<Input extends object>(step: Step): Input {
  const input: unknown = step.input;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return input as Input;
}
