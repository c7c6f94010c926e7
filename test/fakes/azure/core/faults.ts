import { WireFaults as SharedFaults } from '../../shared/wire/wire-faults.ts';
import type { PlaneReply } from './server.ts';

/**
 * Told of every call of the deployer that reached its plane, once it is answered.
 *
 * @param plane `arm`, `blob`, `queue`, `vault`, `site:NAME`, ...
 * @param path as it was sent, with the query
 */
export type Recorder = (plane: string, method: string, path: string, status: number) => void;

export class WireFaults extends SharedFaults<PlaneReply> {
  constructor(recorder?: Recorder) {
    super((plane, method, path, status) => recorder?.(plane, method, path, status), true);
  }
}
