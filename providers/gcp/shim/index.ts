/** The shim: what a source registers with the functions framework, and what stands behind it. */
import type { RequestListener } from 'node:http';
import type { BoundHandler } from 'polyfaas/function';
import { takeOverCallConsole } from 'polyfaas/http';
import type { SourceManifest } from '../manifest.ts';
import { endGently } from './end-gently.ts';
import { Instance } from './instance.ts';
import { Server } from './server.ts';

// The shim is loaded before the user's code, though behind what that imports from outside the bundle.
takeOverCallConsole();

export interface Entry {
  /**
   * @param beganAt `performance.now()` at the first line of the source.
   * @param settings the runtime settings, as the variable held them; undefined without any.
   */
  register(
    manifest: SourceManifest,
    beganAt: number,
    settings: string | undefined,
  ): RequestListener;
}

export function createEntry(handler: BoundHandler): Entry {
  return {
    register(manifest, beganAt, settings) {
      const server = new Server(new Instance(handler, manifest, beganAt, settings));
      const listener: RequestListener = (request, response) => void server.serve(request, response);
      takeRequests(listener, server);
      return listener;
    },
  };
}

/**
 * Takes the requests of the framework's server before the framework does. Its parsers would answer 400 to a body that is
 * no JSON, and 404 for some paths, without asking the handler, and unpack what is compressed: other platforms hand such
 * requests over as they are. A framework that makes its server otherwise calls what was registered, as usual.
 */
function takeRequests(listener: RequestListener, shim: Server): void {
  // Not imported: to import `node:http` into a module loads all of `fetch`, at the start of every instance.
  const http = process.getBuiltinModule('node:http');
  const create = http.createServer;
  http.createServer = new Proxy(create, {
    apply(target, self, given: Parameters<typeof create>) {
      http.createServer = create;
      const server = Reflect.apply(target, self, given);
      server.removeAllListeners('request');
      // Google's front decides how long connections live, and requests take: an instance that stood still would close them
      // under its hands as soon as it wakes up.
      server.keepAliveTimeout = 0;
      server.requestTimeout = 0;
      server.headersTimeout = 0;
      endGently(server, () => shim.idle());
      return server.on('request', listener);
    },
  });
}
