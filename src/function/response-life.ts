/**
 * A response outlives the call that returned it: its body may still be on its way. So what belongs to the call
 * (the timer and the listener behind `context.signal`) is kept until the response was read.
 */
const releases = new WeakMap<Response, () => void>();

/** Runs `release` when the response was read whole. A streamed one keeps its signal until the deadline. */
export function releaseWhenRead(response: Response, release: () => void): void {
  releases.set(response, release);
}

/** The response was read whole. */
export function markRead(response: Response): void {
  releases.get(response)?.();
}
