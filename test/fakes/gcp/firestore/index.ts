/** Firestore: databases as Eventarc and the adapter see them, and documents for the tests. */
import { GoogleFault } from '../core/fault.ts';
import type { ApiService, FirestorePort, RestCall, WireReply, World } from '../core/ports.ts';

type Fields = Readonly<Record<string, unknown>>;
type Listener = Parameters<FirestorePort['onChange']>[0];

interface Stored {
  readonly fields: Fields;
  readonly createdMs: number;
}

export interface FirestoreFake extends FirestorePort {
  readonly services: readonly ApiService[];
  /** Databases by their ids: `(default)` is there. Of one with the mode of Datastore nobody hears. */
  readonly databases: Map<
    string,
    { readonly locationId: string; readonly type: 'FIRESTORE_NATIVE' | 'DATASTORE_MODE' }
  >;
}

export function createFirestore(world: World): FirestoreFake {
  const databases: FirestoreFake['databases'] = new Map([
    ['(default)', { locationId: world.location, type: 'FIRESTORE_NATIVE' as const }],
  ]);
  const documents = new Map<string, Stored>();
  const listeners: Listener[] = [];

  const change = (database: string, path: string, fields: Fields | undefined): void => {
    if (!databases.has(database)) throw new Error(`There is no database ${database}.`);
    if (path.split('/').length % 2 !== 0) throw new Error(`${path} is no document.`);
    const key = `${database} ${path}`;
    const before = documents.get(key);
    if (before === undefined && fields === undefined) return;
    const timeMs = world.clock.now();
    const createdMs = before?.createdMs ?? timeMs;
    if (fields === undefined) documents.delete(key);
    else documents.set(key, { fields, createdMs });
    for (const tell of listeners) {
      tell({ database, path, before: before?.fields, after: fields, timeMs, createdMs });
    }
  };

  const service: ApiService = {
    api: 'firestore',
    handle: (call) => Promise.resolve(answer(call)),
    inventory: () => [],
  };

  function answer({ method, path }: RestCall): WireReply | undefined {
    const [, project, id] = /^\/v1\/projects\/([^/]+)\/databases\/([^/]+)$/.exec(path) ?? [];
    if (method !== 'GET' || project !== world.projectId || id === undefined) return undefined;
    const found = databases.get(id);
    if (found === undefined) {
      throw new GoogleFault(
        'NOT_FOUND',
        `Project '${world.projectId}' or database '${id}' does not exist.`,
      );
    }
    const name = `projects/${world.projectId}/databases/${id}`;
    return {
      status: 200,
      body: { name, uid: '00000000-0000-4000-8000-000000000000', ...found, etag: 'IJ-fs==' },
    };
  }

  return {
    databases,
    services: [service],
    set: change,
    delete: (database, path) => change(database, path, undefined),
    onChange: (listener) => void listeners.push(listener),
  };
}
