import type { Step } from 'polyfaas/spi';
import { inputOf } from './steps.ts';

/** What the inputs of the steps that make or find something have in common. */
interface Judged {
  readonly create?: boolean;
  readonly queue?: { readonly create: boolean; readonly source?: object };
  readonly entries?: readonly unknown[];
}

/**
 * The steps that can be refused for what is there already, as steps of phase `prepare` that only look: so that a source
 * that is missing, or does not fit, is told before anything is written.
 */
export function planChecks(steps: readonly Step[]): readonly Step[] {
  return steps.filter(mayBeRefused).map((step) => ({
    ...step,
    id: `${step.id}-check`,
    phase: 'prepare',
    title: `${step.title}: see that it can be done`,
    input: { ...step.input, dry: true },
  }));
}

function mayBeRefused(step: Step): boolean {
  const { create, queue, entries = [] } = inputOf<Judged>(step);
  switch (step.kind) {
    case 'ensure-queue':
      return queue?.source !== undefined || queue?.create === false;
    case 'ensure-topic':
    case 'ensure-stream':
    case 'ensure-bus':
      return create === false;
    case 'ensure-table':
    case 'ensure-bucket':
      return true;
    case 'put-notifications':
      return entries.length > 0;
    default:
      return false;
  }
}
