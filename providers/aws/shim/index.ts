/** What runs inside Lambda, bundled with the user's code. */
import { type BoundHandler, prepareRequests, prepareResponses } from 'polyfaas/function';
import { Instance } from './instance.ts';
import type { LambdaContext } from './lambda-context.ts';

/** Lambda's Node runtimes from 24 on refuse a handler with more than two parameters. */
export type LambdaHandler = (event: unknown, context: LambdaContext) => Promise<unknown>;

/**
 * Makes what the bundle exports. Packaging writes the module that imports the user's module, binds it with
 * `bindHandler`, and exports the `handler` of the result.
 */
export function createEntry(handler: BoundHandler): { readonly handler: LambdaHandler } {
  // Part of the start, which AWS does with a whole processor. A Lambda handler may never see a request.
  if (handler.signature !== 'aws-lambda' && handler.handles.includes('http')) {
    prepareRequests();
    prepareResponses();
  }
  const instance = new Instance(handler);
  // By its form Lambda's runtime for Node 22 knows that a call which leaves nothing to do has failed, and did not answer
  // null: which would delete the messages of a batch.
  return { handler: async (event, context) => await instance.serve(event, context) };
}
