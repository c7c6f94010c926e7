/** A process that was started with a channel for messages. */
interface WithChannel {
  readonly connected: boolean;
  once(event: 'disconnect', listener: () => void): unknown;
}

/**
 * Calls `tell` when a process that has ended has nothing more to say. On Windows its end is known before its last messages
 * are read.
 */
export function afterLastMessage(ended: WithChannel, tell: () => void): void {
  if (ended.connected) ended.once('disconnect', tell);
  else tell();
}
