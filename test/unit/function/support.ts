import {
  bindHandler,
  type BindOptions,
  type CallMeta,
  type HandlerRuntime,
  type HttpMeta,
  type JsonObject,
  type LogLevel,
  type RuntimeIdentity,
} from 'polyfaas/function';

export const IDENTITY: RuntimeIdentity = {
  app: 'shop',
  stage: 'test',
  functionName: 'orders',
  version: '3',
  memoryMb: 256,
  timeoutSeconds: 30,
  provider: 'local',
  region: 'eu-central-1',
};

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: JsonObject | undefined;
  readonly requestId: string;
}

/** A runtime over a module, and what it logged. */
export function startModule(
  module: Readonly<Record<string, unknown>>,
  options?: BindOptions,
): { readonly runtime: HandlerRuntime; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const runtime = bindHandler(module, options).start(IDENTITY, {
    write: (level, message, fields, { requestId }) =>
      void lines.push({ level, message, fields, requestId }),
  });
  return { runtime, lines };
}

/** A runtime over a default export. */
export function start(handler: unknown): HandlerRuntime {
  return startModule({ default: handler }).runtime;
}

export function meta(changes: Partial<CallMeta> = {}): CallMeta {
  return { requestId: 'r-1', attempt: 1, deadline: Date.now() + 30_000, ...changes };
}

export function httpMeta(changes: Partial<HttpMeta> = {}): HttpMeta {
  return { route: '/orders/{id}', params: { id: '7' }, ...changes };
}
