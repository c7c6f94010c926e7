/** The records of deployed functions, in the state database. */
import {
  ServerlessError,
  sameJson,
  type AsyncPolicy,
  type Binding,
  type FunctionRef,
  type FunctionSummary,
  type HandlerKind,
  type SecretRef,
} from 'polyfaas/spi';
import type { InstanceSettings } from '../options.ts';
import type { LocalStore } from '../ports.ts';
import { readFunctionRow, readVersionRow } from './rows.ts';

const SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS fn_functions (
     physical_name TEXT PRIMARY KEY, app TEXT, stage TEXT, name TEXT,
     revision INTEGER NOT NULL, next_version INTEGER NOT NULL, live_version INTEGER,
     settings TEXT, bindings TEXT NOT NULL, created_at TEXT NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS fn_versions (
     physical_name TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (physical_name, version)) STRICT`,
  `CREATE TABLE IF NOT EXISTS fn_sequence (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL) STRICT`,
  `INSERT OR IGNORE INTO fn_sequence VALUES (1, 0)`,
];

/** What belongs to the function, not to a version. */
export interface FunctionSettings {
  readonly description: string;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly concurrency: number;
  readonly async: AsyncPolicy;
  readonly tags: Readonly<Record<string, string>>;
  readonly sampleRate: number | null;
  readonly instance: InstanceSettings;
}

/** What belongs to a version. Never changes once it is there. */
export interface VersionBody {
  readonly digest: string;
  readonly artifactDigest: string;
  readonly entryFile: string;
  readonly handles: readonly HandlerKind[];
  readonly env: Readonly<Record<string, string | SecretRef>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly needsProcess: boolean;
  readonly createdAt: string;
}

export interface VersionRecord extends VersionBody {
  readonly version: number;
  /** The revision that its publication expected, and the one that it made. */
  readonly publication?: { readonly expected: number | null; readonly revision: number };
  /** False until it is live for the first time: its deploy is under way, or ended before. Absent: it was live. */
  readonly served?: boolean;
}

/** Those that one can go back to: they have been live. Oldest first. */
export function servedVersions(versions: readonly VersionRecord[]): readonly VersionRecord[] {
  return versions.filter(({ served }) => served !== false);
}

export interface FunctionRecord {
  readonly physicalName: string;
  /** Undefined for a namesake that is not ours. */
  readonly ref: FunctionRef | undefined;
  readonly revision: number;
  readonly liveVersion: number | null;
  readonly settings: FunctionSettings | null;
  readonly bindings: readonly Binding[];
  readonly versions: readonly VersionRecord[];
}

/** What a function goes over to, all at once. */
export interface GoLive {
  readonly version: number;
  /** Undefined: as they are. */
  readonly settings?: FunctionSettings | undefined;
  readonly bindings?: readonly Binding[] | undefined;
}

export class FunctionStore {
  readonly #store: LocalStore;

  constructor(store: LocalStore) {
    this.#store = store;
    store.migrate('functions', SCHEMA);
  }

  get(physicalName: string): FunctionRecord | undefined {
    const row = this.#store.db
      .prepare('SELECT * FROM fn_functions WHERE physical_name = ?')
      .get(physicalName);
    return row ? readFunctionRow(row, this.#versions(physicalName)) : undefined;
  }

  all(): readonly FunctionRecord[] {
    const { db } = this.#store;
    const rows = db.prepare('SELECT * FROM fn_functions ORDER BY physical_name').all();
    const versions = Map.groupBy(
      db.prepare('SELECT * FROM fn_versions ORDER BY physical_name, version').all(),
      (row) => row['physical_name'],
    );
    return rows.map((row) => {
      const own = versions.get(row['physical_name']) ?? [];
      return readFunctionRow(row, own.map(readVersionRow));
    });
  }

  /** Those of one app and stage, without what is in them. */
  *list({ app, stage }: Omit<FunctionRef, 'name'>): Iterable<FunctionSummary> {
    const rows = this.#store.db
      .prepare(
        'SELECT name, physical_name, live_version FROM fn_functions WHERE app = ? AND stage = ? AND name IS NOT NULL ORDER BY physical_name',
      )
      .all(app, stage);
    for (const row of rows) {
      const live = row['live_version'];
      yield {
        name: String(row['name']),
        physicalName: String(row['physical_name']),
        liveVersion: live === null ? null : String(live),
      };
    }
  }

  /**
   * Adds a version unless one of the same digest is there. Then the answer holds the revision that the caller knows of,
   * so that going live still notices what others did; a mere repeat gets the revision that the first try made.
   */
  publish(
    physicalName: string,
    ref: FunctionRef,
    body: VersionBody,
    expectedRevision: number | null,
  ): { readonly version: number; readonly revision: number | null } {
    return this.#store.transaction(() => {
      const present = this.get(physicalName);
      const same = present?.versions.find(({ digest }) => digest === body.digest);
      if (present && same && sameRef(present.ref, ref)) {
        const { publication } = same;
        const isRepeat =
          publication?.expected === expectedRevision && publication.revision === present.revision;
        return { version: same.version, revision: isRepeat ? present.revision : expectedRevision };
      }
      this.#expect(ref, present, expectedRevision);
      const version = present ? this.#nextVersion(physicalName) : 1;
      const revision = this.#bump();
      const { db } = this.#store;
      if (present) {
        db.prepare(
          'UPDATE fn_functions SET app = ?, stage = ?, name = ?, revision = ?, next_version = ? WHERE physical_name = ?',
        ).run(ref.app, ref.stage, ref.name, revision, version + 1, physicalName);
      } else {
        db.prepare('INSERT INTO fn_functions VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, ?, ?)').run(
          physicalName,
          ref.app,
          ref.stage,
          ref.name,
          revision,
          version + 1,
          '[]',
          body.createdAt,
        );
      }
      db.prepare('INSERT INTO fn_versions VALUES (?, ?, ?)').run(
        physicalName,
        version,
        JSON.stringify({
          ...body,
          publication: { expected: expectedRevision, revision },
          served: false,
        }),
      );
      return { version, revision };
    });
  }

  /** The one atomic act that moves traffic. */
  goLive(
    physicalName: string,
    ref: FunctionRef,
    wish: GoLive,
    expectedRevision: number | null,
  ): FunctionRecord {
    return this.#store.transaction(() => {
      const present = this.get(physicalName);
      const settings = wish.settings ?? present?.settings ?? null;
      const bindings = wish.bindings ?? present?.bindings ?? [];
      const isDone =
        present?.liveVersion === wish.version &&
        sameJson(present.settings, settings) &&
        sameJson(present.bindings, bindings);
      if (present && isDone) return present;
      this.#expect(ref, present, expectedRevision);
      this.#store.db
        .prepare(
          "UPDATE fn_versions SET body = json_remove(body, '$.served') WHERE physical_name = ? AND version = ?",
        )
        .run(physicalName, wish.version);
      this.#store.db
        .prepare(
          'UPDATE fn_functions SET live_version = ?, settings = ?, bindings = ?, revision = ? WHERE physical_name = ?',
        )
        .run(
          wish.version,
          JSON.stringify(settings),
          JSON.stringify(bindings),
          this.#bump(),
          physicalName,
        );
      return this.#must(physicalName, ref);
    });
  }

  putBinding(physicalName: string, ref: FunctionRef, binding: Binding): FunctionRecord {
    return this.#rebind(physicalName, ref, (bindings) => [
      ...bindings.filter(({ id }) => id !== binding.id),
      binding,
    ]);
  }

  deleteBinding(physicalName: string, ref: FunctionRef, bindingId: string): FunctionRecord {
    return this.#rebind(physicalName, ref, (bindings) =>
      bindings.filter(({ id }) => id !== bindingId),
    );
  }

  deleteVersions(physicalName: string, versions: readonly number[]): void {
    this.#store.transaction(() => {
      const live = this.get(physicalName)?.liveVersion;
      const statement = this.#store.db.prepare(
        'DELETE FROM fn_versions WHERE physical_name = ? AND version = ?',
      );
      const doomed = versions.filter((version) => version !== live);
      for (const version of doomed) statement.run(physicalName, version);
      if (doomed.length > 0) this.#touch(physicalName);
    });
  }

  remove(physicalName: string): void {
    this.#store.transaction(() => {
      const { db } = this.#store;
      db.prepare('DELETE FROM fn_versions WHERE physical_name = ?').run(physicalName);
      db.prepare('DELETE FROM fn_functions WHERE physical_name = ?').run(physicalName);
      this.#bump();
    });
  }

  /** Digests of all artifacts that some version needs. */
  artifactsInUse(): ReadonlySet<string> {
    const rows = this.#store.db.prepare('SELECT version, body FROM fn_versions').all();
    return new Set(rows.map((row) => readVersionRow(row).artifactDigest));
  }

  /** Whether a version needs this one. Reads no record: text that only looks like the digest counts too. */
  mayNeedArtifact(digest: string): boolean {
    const row = this.#store.db
      .prepare('SELECT 1 FROM fn_versions WHERE instr(body, ?) > 0 LIMIT 1')
      .get(digest);
    return row !== undefined;
  }

  #rebind(
    physicalName: string,
    ref: FunctionRef,
    change: (bindings: readonly Binding[]) => readonly Binding[],
  ): FunctionRecord {
    return this.#store.transaction(() => {
      const present = this.#must(physicalName, ref);
      const bindings = change(present.bindings).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      if (sameJson(bindings, present.bindings)) return present;
      this.#store.db
        .prepare('UPDATE fn_functions SET bindings = ? WHERE physical_name = ?')
        .run(JSON.stringify(bindings), physicalName);
      this.#touch(physicalName);
      return this.#must(physicalName, ref);
    });
  }

  #must(physicalName: string, ref: FunctionRef): FunctionRecord {
    const present = this.get(physicalName);
    if (present) return present;
    throw new ServerlessError({
      code: 'NOT_FOUND',
      function: ref.name,
      message: `"${ref.name}" was removed meanwhile. Deploy it again.`,
    });
  }

  #expect(
    ref: FunctionRef,
    present: FunctionRecord | undefined,
    expectedRevision: number | null,
  ): void {
    if ((present?.revision ?? null) === expectedRevision) return;
    throw new ServerlessError({
      code: 'CONFLICT',
      function: ref.name,
      message: `"${ref.name}" was changed by somebody else meanwhile. Look at it with describe("${ref.name}"), then deploy again.`,
    });
  }

  #versions(physicalName: string): readonly VersionRecord[] {
    return this.#store.db
      .prepare('SELECT version, body FROM fn_versions WHERE physical_name = ? ORDER BY version')
      .all(physicalName)
      .map(readVersionRow);
  }

  #nextVersion(physicalName: string): number {
    const row = this.#store.db
      .prepare('SELECT next_version FROM fn_functions WHERE physical_name = ?')
      .get(physicalName);
    return Number(row?.['next_version'] ?? 1);
  }

  #touch(physicalName: string): void {
    this.#store.db
      .prepare('UPDATE fn_functions SET revision = ? WHERE physical_name = ?')
      .run(this.#bump(), physicalName);
  }

  /** One sequence for all: a function that is removed and made anew never repeats a token. */
  #bump(): number {
    const row = this.#store.db
      .prepare('UPDATE fn_sequence SET value = value + 1 WHERE id = 1 RETURNING value')
      .get();
    return Number(row?.['value'] ?? 0);
  }
}

function sameRef(a: FunctionRef | undefined, b: FunctionRef): boolean {
  return a?.app === b.app && a.stage === b.stage && a.name === b.name;
}
