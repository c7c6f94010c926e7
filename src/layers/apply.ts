import type { CallContext, ServerlessProvider } from '../spi/provider.ts';
import { defectsTold } from './defects.ts';
import type { CallInfo, CallName, Layer, Next } from './layer.ts';
import { lent } from './lent.ts';
import { promised } from './promised.ts';

/**
 * Wraps a provider. The first layer is the innermost. What a layer does not apply to is not wrapped,
 * so an invocation passes only the layers that have something to do.
 */
export function applyLayers(
  provider: ServerlessProvider,
  layers: readonly Layer[],
): ServerlessProvider {
  const at = <Value>(
    info: CallInfo & { readonly call: CallName },
    context: CallContext,
    innermost: Next<Value>,
  ): Promise<Value> => {
    let run: Next<Value> = (inner) => promised(info, innermost(inner));
    for (const layer of applicable[info.call]) {
      const next = run;
      run = (inner) => layer.around(info, inner, next);
    }
    return run(context);
  };
  const of = (call: CallName): readonly Layer[] => layers.filter((layer) => layer.applies(call));
  const applicable: Readonly<Record<CallName, readonly Layer[]>> = {
    identify: of('identify'),
    observe: of('observe'),
    execute: of('execute'),
    invoke: of('invoke'),
    metrics: of('metrics'),
  };
  const plain = { provider: provider.id, step: undefined, idempotent: true };
  const wrapped: ServerlessProvider = {
    specVersion: provider.specVersion,
    id: provider.id,
    capabilities: provider.capabilities,
    packaging: provider.packaging,
    plan: provider.plan,
    validate: (spec) =>
      defectsTold(provider.id, 'validate', () => [...provider.validate(lent(spec))]),
    validateBinding: (functionName, binding) =>
      defectsTold(provider.id, 'validateBinding', () => [
        ...provider.validateBinding(functionName, lent(binding)),
      ]),
    identify: (context) =>
      at({ call: 'identify', ...plain, function: undefined }, context, (c) => provider.identify(c)),
    observe: (ref, context, options) =>
      at({ call: 'observe', ...plain, function: ref.name }, context, (c) =>
        provider.observe(ref, c, options),
      ),
    execute: (step, context) =>
      at(
        {
          call: 'execute',
          ...plain,
          function: context.function,
          step: step.id,
          attemptSeconds: step.attemptSeconds,
        },
        context,
        (c) => provider.execute(step, c),
      ),
    invoke: (ref, request, context) =>
      at(
        // The hot path: nothing is spread.
        {
          call: 'invoke',
          provider: provider.id,
          function: ref.name,
          step: undefined,
          requestId: request.requestId,
          idempotent: request.idempotent,
        },
        context,
        (c) => provider.invoke(ref, c.trace ? { ...request, trace: c.trace } : request, c),
      ),
    metrics: (ref, query, context) =>
      at({ call: 'metrics', ...plain, function: ref.name }, context, (c) =>
        provider.metrics(ref, query, c),
      ),
    list: (scope, context) => provider.list(scope, context),
    logs: (ref, query, context) => provider.logs(ref, query, context),
    classify: (cause) => provider.classify(cause),
    native: (token) => defectsTold(provider.id, 'native', () => provider.native(token)),
    close: () => provider.close(),
  };
  return wrapped;
}
