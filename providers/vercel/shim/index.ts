/** The shim: what the entry of each `.func` folder gets its listener from. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BoundHandler } from 'polyfaas/function';
import { takeOverCallConsole } from 'polyfaas/http';
import type { FuncManifest } from '../manifest.ts';
import { Instance, type Given } from './instance.ts';
import { Server } from './server.ts';

/** Takes a request of Vercel's runtime. Resolves when the answer is complete, and never rejects. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

// The shim is loaded before the user's code, though behind what that imports from outside the bundle.
takeOverCallConsole();

export interface Entry {
  /**
   * @param beganAt `performance.now()` at the first line of the entry.
   * @param given what was taken out of the environment before the user's code was loaded.
   */
  register(manifest: FuncManifest, beganAt: number, given: Given): Listener;
}

export function createEntry(handler: BoundHandler): Entry {
  return {
    register(manifest, beganAt, given) {
      const server = new Server(new Instance(handler, manifest, beganAt, given));
      return (request, response) => server.serve(request, response);
    },
  };
}
