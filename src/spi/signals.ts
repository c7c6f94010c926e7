/**
 * The signal of every call whose caller gave none. It never aborts; a provider that finds it may leave out all
 * that listens, which counts on a hot path.
 */
export const NEVER_ABORTS: AbortSignal = new AbortController().signal;
