/** Finds the handler in the user's module, and how it wants to be called. */
import { describeValue, HandlerContractError } from './contract-error.ts';
import { FUNCTION_MARK } from './define-function.ts';
import { HANDLER_KINDS } from './events.ts';
import { Runtime } from './runtime.ts';
import type { BoundHandler, Signature } from './shim.ts';
import { awsLambdaCaller } from './signatures/aws-lambda/index.ts';
import { type Caller, isCallable, methodOf } from './signatures/caller.ts';
import { fetchCaller } from './signatures/fetch.ts';
import { kindsOf, polyfaasCaller } from './signatures/polyfaas.ts';

/** How to find the handler. */
export interface BindOptions {
  /** The export that is the handler. Default: `default`, then `handler`. */
  readonly exportName?: string | undefined;
  /** How the handler is called. Default: found by looking at it. */
  readonly signature?: Signature | undefined;
}

/**
 * Binds the user's module: finds its handler and the signature.
 *
 * - What `defineFunction` returned, or an object with a method named like a kind of call: `polyfaas`.
 * - An object with a `fetch` method: `fetch`.
 * - A plain function: `aws-lambda`.
 *
 * A CommonJS module that was imported, and so has all its exports under `default`, is looked into.
 *
 * @param module the namespace that `import()` gave.
 * @throws {HandlerContractError} when the export is missing or is no handler; the message lists the exports.
 */
export function bindHandler(
  module: Readonly<Record<string, unknown>>,
  options: BindOptions = {},
): BoundHandler {
  const found = findHandler(module, options);
  const caller = makeCaller(found.value, found.name, options.signature);
  return {
    signature: caller.signature,
    handles: caller.handles,
    start: (identity, sink) => new Runtime(caller, identity, sink),
  };
}

interface Found {
  readonly name: string;
  readonly value: unknown;
}

function findHandler(module: Readonly<Record<string, unknown>>, options: BindOptions): Found {
  const { exportName } = options;
  const candidates = candidatesOf(
    module,
    exportName === undefined ? ['default', 'handler'] : [exportName],
  );
  const handler = candidates.find(({ value }) => signatureOf(value) !== undefined);
  if (handler !== undefined) return handler;
  const exports = `The module exports: ${exportsOf(module)}.`;
  const wrong = candidates[0];
  if (wrong !== undefined) {
    throw new HandlerContractError(
      `The export "${wrong.name}" is no handler: it is ${describeExport(wrong.value)}. ${exports} ${ADVICE}`,
    );
  }
  throw new HandlerContractError(
    exportName === undefined
      ? `The module has no handler: neither "default" nor "handler" is exported. ${exports} ${ADVICE}`
      : `The module has no export "${exportName}". ${exports} Set "handler" to one of them, or export the handler under that name.`,
  );
}

const ADVICE =
  'Export what defineFunction({ ... }) returns, an object with fetch(request), or a Lambda handler function; ' +
  'or name another export in "handler".';

/** The exports of these names, and then the same inside of `default`, where an imported CommonJS module has them. */
function candidatesOf(
  module: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Found[] {
  const places: object[] = [module];
  const inner = module['default'];
  if (typeof inner === 'object' && inner !== null) places.push(inner);
  return places.flatMap((place) =>
    names
      .filter((name) => name in place)
      .map((name) => ({ name, value: Reflect.get(place, name) }))
      .filter(({ value }) => value !== undefined),
  );
}

/** Undefined: no handler. */
function signatureOf(value: unknown): Signature | undefined {
  if (typeof value === 'function') {
    if (FUNCTION_MARK in value) return 'polyfaas';
    if (methodOf(value, 'fetch') !== undefined) return 'fetch';
    return isClass(value) ? undefined : 'aws-lambda';
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (FUNCTION_MARK in value) return 'polyfaas';
  if (methodOf(value, 'fetch') !== undefined) return 'fetch';
  // With a `handler` inside, it is the exports of a CommonJS module, whatever else that exports.
  if (methodOf(value, 'handler') !== undefined) return undefined;
  return kindsOf(value).length > 0 ? 'polyfaas' : undefined;
}

function makeCaller(value: unknown, name: string, declared: Signature | undefined): Caller {
  const signature = declared ?? signatureOf(value);
  const isContainer = (typeof value === 'object' || typeof value === 'function') && value !== null;
  if (signature === 'aws-lambda' && isCallable(value)) return awsLambdaCaller(value);
  if (signature === 'fetch' && isContainer) {
    const method = methodOf(value, 'fetch');
    if (method !== undefined) return fetchCaller(method, value);
    if (isCallable(value)) return fetchCaller(value, undefined);
  }
  if (signature === 'polyfaas' && isContainer) {
    refuseNonMethods(value, name);
    if (kindsOf(value).length > 0) return polyfaasCaller(value);
  }
  throw new HandlerContractError(wrongSignature(value, name, signature));
}

/** A kind that is there, but is no function, is a slip that would show only when the first event comes. */
function refuseNonMethods(handlers: object, name: string): void {
  for (const kind of HANDLER_KINDS) {
    const handler: unknown = Reflect.get(handlers, kind);
    if (handler !== undefined && typeof handler !== 'function') {
      throw new HandlerContractError(
        `"${kind}" of the export "${name}" is ${describeValue(handler)}; it must be a function.`,
      );
    }
  }
}

function wrongSignature(value: unknown, name: string, signature: Signature | undefined): string {
  const what = `The export "${name}" is ${describeExport(value)}`;
  switch (signature) {
    case 'aws-lambda':
      return `${what}; the signature "aws-lambda" needs a function (event, context).`;
    case 'fetch':
      return `${what}; the signature "fetch" needs an object with fetch(request), or a function (request).`;
    default:
      return `${what}; it handles nothing. Give it at least one of: ${HANDLER_KINDS.join(', ')}.`;
  }
}

function describeExport(value: unknown): string {
  return isClass(value) ? 'a class (export an instance of it: new ...())' : describeValue(value);
}

function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function exportsOf(module: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(module).map((name) => `${name} (${describeExport(module[name])})`);
  return names.length === 0 ? 'nothing' : names.join(', ');
}
