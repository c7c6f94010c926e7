import { ServerlessError } from '../errors/index.ts';
import { defectsTold } from '../layers/defects.ts';
import type { FunctionRef, Operation, Plan } from '../spi/plan.ts';
import type { ObservedFunction, Planners, ServerlessProvider } from '../spi/provider.ts';

type Observed = ObservedFunction;

/**
 * A provider's planners, each of which makes the plans that it is asked for. One that is mislabelled would be run all the
 * same, and refused or misread only when it comes back from a file.
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
        const made = make(request, observed);
        refuseMislabelled(made, operation, id);
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

function refuseMislabelled(made: Plan, operation: Operation, provider: string): void {
  const wrong = [
    // The type says so; an adapter may be written without types.
    ...label('specVersion', made.specVersion, 1),
    ...label('operation', made.operation, operation),
  ];
  if (wrong.length === 0) return;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider,
    message: `The adapter "${provider}" made a plan for ${operation} that is none: ${wrong.join('; ')}.`,
  });
}

function label(field: string, given: unknown, expected: string | number): readonly string[] {
  return given === expected
    ? []
    : [`${field}: it is "${String(given)}", and has to be "${expected}"`];
}
