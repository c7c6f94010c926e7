/** Secret Manager. */
import { GoogleFault } from '../core/fault.ts';
import type { ApiService, SecretsPort, World } from '../core/ports.ts';
import { createSecretsApi } from './api.ts';
import { SecretStore } from './store.ts';
import { readVersion } from './versions-api.ts';

export function createSecrets(
  world: World,
): SecretsPort & { readonly services: readonly ApiService[] } {
  const store = new SecretStore(world.clock);
  const parts = { world, store };
  return {
    services: [createSecretsApi(parts)],
    set(name, value) {
      const id = idOf(name);
      const secret = store.get(id) ?? store.create(id, { replication: { automatic: {} } });
      store.addVersion(secret, Buffer.from(value), false);
    },
    access(secret, version, caller) {
      try {
        return { value: readVersion(parts, caller, idOf(secret), version).payload };
      } catch (error) {
        if (!(error instanceof GoogleFault)) throw error;
        const { code } = error;
        if (code === 'NOT_FOUND' || code === 'PERMISSION_DENIED') return { fault: code };
        return { fault: 'FAILED_PRECONDITION' };
      }
    },
  };
}

/** A secret may be named in full: `projects/p/secrets/s`. */
function idOf(name: string): string {
  return name.replace(/^.*\/secrets\//, '');
}
