/** Which plans need the package that works with blobs. */
import type { Plan } from 'polyfaas/spi';

/** Steps that may read or write the packages, or the notes of versions beside them. */
const WITH_BLOBS: ReadonlySet<string> = new Set([
  'upload-package',
  'app-settings',
  'activate',
  'note-version',
  'retire-versions',
]);

/**
 * The plan whose first steps ask for that package, where one of its steps needs it: half a deploy because of a package
 * that is not there helps nobody. Steps of one phase may run side by side, so all of the first one ask.
 */
export function askingForBlobs(plan: Plan): Plan {
  const [first] = plan.steps;
  if (first === undefined || !plan.steps.some(({ kind }) => WITH_BLOBS.has(kind))) return plan;
  return {
    ...plan,
    steps: plan.steps.map((step) =>
      step.phase === first.phase ? { ...step, input: { ...step.input, blobs: true } } : step,
    ),
  };
}
