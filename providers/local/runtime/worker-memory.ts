import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { type FromInstance, Operation } from './protocol.ts';

let collect: (() => void) | undefined;

/** What this isolate holds: its heap, and what hangs on it outside, such as Buffers. */
export function usedBytes(): number {
  const heap = getHeapStatistics();
  return heap.used_heap_size + heap.external_memory + heap.malloced_memory;
}

/** What it holds when what is garbage is gone. Slow; asked only when {@link usedBytes} is over the cap. */
export async function usedBytesCollected(): Promise<number> {
  if (!collect) {
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('gc');
    collect =
      typeof found === 'function' ? () => void Reflect.apply(found, undefined, []) : () => {};
  }
  // Buffers are let go by the sweep, which the second collection waits for.
  collect();
  collect();
  return usedBytes();
}

/** Tells the pool before there is anything that serves calls, and could answer it. */
export async function tellMemory(
  post: (message: FromInstance) => void,
  limitBytes: number,
): Promise<void> {
  const used = usedBytes();
  post([Operation.memory, used > limitBytes ? await usedBytesCollected() : used]);
}
