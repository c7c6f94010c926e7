/** One running instance of the user's code: the same on every platform. */
import { CallContext, HttpCallContext, type Instance } from './call-context.ts';
import { HandlerContractError } from './contract-error.ts';
import type { HandlerKind } from './events.ts';
import { checkReply } from './reply.ts';
import { releaseWhenRead } from './response-life.ts';
import type {
  CallMeta,
  HandlerRuntime,
  LogSink,
  RuntimeIdentity,
  ShimCall,
  ShimReply,
} from './shim.ts';
import type { Caller } from './signatures/caller.ts';

export class Runtime implements HandlerRuntime {
  readonly instanceId: string;
  readonly #caller: Caller;
  readonly #handles: ReadonlySet<HandlerKind>;
  readonly #instance: Instance;
  #cold: boolean;

  constructor(caller: Caller, identity: RuntimeIdentity, sink: LogSink) {
    this.instanceId = identity.instanceId ?? globalThis.crypto.randomUUID();
    this.#cold = identity.startedAhead !== true;
    this.#caller = caller;
    this.#handles = new Set(caller.handles);
    this.#instance = { identity, sink, instanceId: this.instanceId };
  }

  get cold(): boolean {
    return this.#cold;
  }

  async call(call: ShimCall, meta: CallMeta, signal?: AbortSignal): Promise<ShimReply> {
    if (!this.#handles.has(call.kind)) {
      throw new HandlerContractError(
        `The function does not handle "${call.kind}"; it handles: ${this.#caller.handles.join(', ')}.`,
      );
    }
    const coldStart = this.#cold;
    this.#cold = false;
    const context =
      call.kind === 'http'
        ? new HttpCallContext(this.#instance, meta, coldStart, signal, call.http)
        : new CallContext(this.#instance, meta, coldStart, signal);
    let ended = true;
    try {
      const reply = checkReply(call, await this.#caller.call(call, context));
      // The kind is asked first: naming `Response` alone would load the whole of fetch.
      if (call.kind === 'http' && context.watched && reply instanceof Response) {
        ended = false;
        releaseWhenRead(reply, () => context.end());
      }
      return reply;
    } finally {
      if (ended) context.end();
    }
  }
}
