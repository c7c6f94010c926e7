import { checkMade } from '../engine/plan-shape.ts';
import { defectsTold } from '../layers/defects.ts';
import { lent } from '../layers/lent.ts';
import type { FunctionRef, Operation, Plan } from '../spi/plan.ts';
import type { ObservedFunction, Planners, ServerlessProvider } from '../spi/provider.ts';

type Observed = ObservedFunction;

/**
 * A provider's planners, each of which makes the plans that it is asked for. One that is malformed would be run all the
 * same: it would fail when the new version is live already, or only when it comes back from a file. What they plan from is
 * lent to them: they cannot change it.
 */
export function checkedPlans(
  provider: Pick<ServerlessProvider, 'id' | 'plan'>,
): Planners<Observed> {
  const { id, plan } = provider;
  const checked =
    <Request extends { readonly ref: FunctionRef }>(
      operation: Operation,
      make: (request: Request, observed: Observed) => Plan,
    ) =>
    (request: Request, observed: Observed): Plan =>
      defectsTold(id, `plan.${operation}`, () => {
        const made = make(lent(request), lent(observed));
        checkMade(made, { provider: id, operation, function: request.ref });
        return made;
      });
  return {
    deploy: checked('deploy', (request, observed) => plan.deploy(request, observed)),
    configureEvent: checked('configureEvent', (request, observed) =>
      plan.configureEvent(request, observed),
    ),
    removeEvent: checked('removeEvent', (request, observed) => plan.removeEvent(request, observed)),
    preWarm: checked('preWarm', (request, observed) => plan.preWarm(request, observed)),
    rollback: checked('rollback', (request, observed) => plan.rollback(request, observed)),
    remove: checked('remove', (request, observed) => plan.remove(request, observed)),
    prune: checked('prune', (request, observed) => plan.prune(request, observed)),
  };
}
