/** A handler did not end in its time. Where a client waits for its answer, it gets 504. */
export class OverdueError extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * What the work comes to, or an {@link OverdueError} when that takes too long. The work goes on; whatever it comes to
 * then is nobody's.
 */
export async function inTime<T>(work: Promise<T>, ms: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new OverdueError(message)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
