import type { ServerlessProvider } from '../spi/provider.ts';
import type { CallInfo, CallName, Layer } from './layer.ts';

/**
 * Wraps a provider. The first layer is the innermost. What a layer does not apply to is not wrapped,
 * so an invocation passes only the layers that have something to do.
 */
export function applyLayers(
  provider: ServerlessProvider,
  layers: readonly Layer[],
): ServerlessProvider {
  const at = <Value>(
    call: CallName,
    info: Omit<CallInfo, 'call' | 'provider'>,
    context: Parameters<Layer['around']>[1],
    innermost: (context: Parameters<Layer['around']>[1]) => Promise<Value>,
  ): Promise<Value> => {
    const whole: CallInfo = { call, provider: provider.id, ...info };
    let run = innermost;
    for (const layer of applicable[call]) {
      const next = run;
      run = (inner) => layer.around(whole, inner, next);
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
  const plain = { step: undefined, idempotent: true };
  const wrapped: ServerlessProvider = {
    specVersion: provider.specVersion,
    id: provider.id,
    capabilities: provider.capabilities,
    packaging: provider.packaging,
    plan: provider.plan,
    validate: (spec) => provider.validate(spec),
    validateBinding: (functionName, binding) => provider.validateBinding(functionName, binding),
    identify: (context) =>
      at('identify', { ...plain, function: undefined }, context, (c) => provider.identify(c)),
    observe: (ref, context, options) =>
      at('observe', { ...plain, function: ref.name }, context, (c) =>
        provider.observe(ref, c, options),
      ),
    execute: (step, context) =>
      at(
        'execute',
        {
          function: undefined,
          step: step.id,
          idempotent: true,
          attemptSeconds: step.attemptSeconds,
        },
        context,
        (c) => provider.execute(step, c),
      ),
    invoke: (ref, request, context) =>
      at(
        'invoke',
        { function: ref.name, step: undefined, idempotent: request.idempotent },
        context,
        (c) => provider.invoke(ref, c.trace ? { ...request, trace: c.trace } : request, c),
      ),
    metrics: (ref, query, context) =>
      at('metrics', { ...plain, function: ref.name }, context, (c) =>
        provider.metrics(ref, query, c),
      ),
    list: (scope, context) => provider.list(scope, context),
    logs: (ref, query, context) => provider.logs(ref, query, context),
    classify: (cause) => provider.classify(cause),
    native: (token) => provider.native(token),
    close: () => provider.close(),
  };
  return wrapped;
}
