/** Tells in the log which call of Lambda one of ours is, where somebody may look for that: silence that went well costs no line. */
import { watchPrints } from './prints.ts';
import type { LambdaContext } from './lambda-context.ts';

/** What takes longer may end by its timeout, or for want of memory, and then tells nothing any more. */
const QUICK_MS = 1_000;

export class CallLink {
  readonly #context: LambdaContext;
  readonly #tell: () => void;

  constructor(context: LambdaContext, tell: () => void) {
    this.#context = context;
    let isTold = false;
    this.#tell = () => {
      if (isTold) return;
      isTold = true;
      tell();
    };
  }

  /** Tells of a call that prints, fails, takes long, or ends the process. */
  async around<Value>(call: () => Promise<Value>): Promise<Value> {
    const tell = this.#tell;
    const quickMs = Math.min(QUICK_MS, this.#context.getRemainingTimeInMillis() / 2);
    const late = setTimeout(tell, Math.max(0, quickMs));
    late.unref();
    process.once('exit', tell);
    const unwatch = watchPrints(tell);
    try {
      return await call();
    } catch (thrown) {
      tell();
      throw thrown;
    } finally {
      clearTimeout(late);
      unwatch();
      process.off('exit', tell);
    }
  }
}
