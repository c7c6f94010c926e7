import { fileURLToPath } from 'node:url';
import { WorkerProcess as SharedProcess } from '../../shared/runtime/worker-process.ts';
import { FrameReader, frameOf } from './frames.ts';
import type { FromWorker, RpcInvocation, StartWish } from './messages.ts';

const WORKER = fileURLToPath(new URL('worker.cjs', import.meta.url));

/** One process of Node, which waits for a package until it is started. */
export class WorkerProcess extends SharedProcess<StartWish | RpcInvocation, FromWorker> {
  constructor(
    options: { readonly arguments?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
  ) {
    super({
      arguments: [...(options.arguments ?? []), WORKER],
      env: options.env ?? {},
      wire: {
        encode: frameOf,
        reader: (onMessage) => {
          const reader = new FrameReader(onMessage);
          return (bytes) => reader.push(bytes);
        },
      },
    });
  }
}
