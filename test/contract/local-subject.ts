/** The local provider as a subject of the contract: one platform in a temporary folder, on a manual clock. */
import { DatabaseSync } from 'node:sqlite';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager, type FunctionSpec } from 'polyfaas';
import type { ContractSubject, Emission, ServerlessManager } from 'polyfaas/contract';
import { createLocalProvider, LOCAL, type LocalPlatform, type LocalProvider } from 'polyfaas/local';
import { physicalName, type FunctionRef, type ServerlessProvider } from 'polyfaas/spi';
import { createPackager } from '../../src/package/index.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { LocalFaults } from './local-faults.ts';

export interface LocalSubjectOptions {
  readonly isolation: 'thread' | 'process';
}

export async function makeLocalSubject(options: LocalSubjectOptions): Promise<ContractSubject> {
  const root = await mkdtemp(join(tmpdir(), 'polyfaas-contract-'));
  const stateFolder = join(root, 'state');
  const clock = new ManualClock(Date.now());
  const faults = new LocalFaults();
  let opened: Promise<LocalProvider> | undefined;

  // The state folder has one owner, so every manager shares one provider; a crash replaces it.
  const provider = (): Promise<LocalProvider> => {
    opened ??= createLocalProvider(
      {
        app: 'contract',
        stage: 'test',
        region: undefined,
        root,
        providerOptions: { local: { stateFolder, isolation: options.isolation } },
        clock,
        random: Math.random,
        log: { log: () => {} },
      },
      faults,
    );
    return opened;
  };
  faults.onCrash = async () => {
    const crashed = opened;
    opened = undefined;
    await (await crashed)?.abandon();
  };
  const platform = async (): Promise<LocalPlatform> => {
    await faults.recovered;
    const native = (await provider()).native(LOCAL);
    if (!native) throw new Error('the local provider has a native platform');
    return native;
  };

  return {
    async manager(config, variation): Promise<ServerlessManager> {
      await faults.recovered;
      const shared = await provider();
      const limit = variation?.artifactLimitBytes;
      const view: ServerlessProvider = {
        ...shared,
        packaging:
          limit === undefined
            ? shared.packaging
            : { ...shared.packaging, limits: { zipBytes: limit, unpackedBytes: limit } },
        // The platform outlives the managers of the cases.
        close: () => Promise.resolve(),
      };
      return createServerlessManager(
        { root, ...config },
        { provider: () => view, clock, log: variation?.log },
      );
    },
    emit: async (emission) => emit((await platform()).sources, emission),
    settle: async () => (await platform()).settle(),
    clock,
    faults,
    async inventory() {
      await platform();
      return [
        ...(await artifacts(stateFolder)),
        ...rows(stateFolder, 'SELECT physical_name AS name FROM fn_functions'),
        ...rows(
          stateFolder,
          "SELECT physical_name || ' version ' || version AS name FROM fn_versions",
        ),
      ];
    },
    async stranger(ref) {
      await platform();
      const name = stranger(stateFolder, ref);
      return {
        untouched: () => Promise.resolve(isUntouched(stateFolder, name)),
        remove: () =>
          Promise.resolve(
            change(stateFolder, 'DELETE FROM fn_functions WHERE physical_name = ?', name),
          ),
      };
    },
    deadLetters: async (queue) => (await platform()).sources.deadLetters(queue).list(),
    redrive: async (queue) => (await platform()).sources.deadLetters(queue).redrive(),
    secrets: {
      set: async (name, value) => {
        (await platform()).secrets.set(name, value);
      },
    },
    writes: () => Promise.resolve(faults.writes),
    samples: { prebuilt: await prebuiltSample(root) },
    async close() {
      await (await opened)?.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A zip as it would come out of another build: it exports the handler for this provider. */
async function prebuiltSample(root: string): Promise<FunctionSpec> {
  const probe = await createLocalProvider({
    app: 'contract',
    stage: 'sample',
    region: undefined,
    root,
    providerOptions: { local: { stateFolder: join(root, 'sample-state') } },
    clock: new ManualClock(),
    random: Math.random,
    log: { log: () => {} },
  });
  const packager = createPackager({ root, cacheFolder: join(root, 'sample-cache') });
  const artifact = await packager.package({
    name: 'echo',
    spec: { source: 'export default { invoke: (input) => input };' },
    profile: probe.packaging,
  });
  await writeFile(join(root, 'echo.zip'), await artifact.zip());
  await probe.close();
  return { artifact: './echo.zip' };
}

async function emit(sources: LocalPlatform['sources'], emission: Emission): Promise<void> {
  if (emission.kind === 'queue') {
    await sources.queue(emission.queue).sendBatch(
      emission.messages.map(({ data, attributes, group }) => ({
        data,
        options: {
          ...(attributes ? { attributes } : {}),
          ...(group === undefined ? {} : { group }),
        },
      })),
    );
  } else if (emission.kind === 'topic') {
    const { attributes, subject } = emission;
    await sources.topic(emission.topic).publish(emission.data, {
      ...(attributes ? { attributes } : {}),
      ...(subject === undefined ? {} : { subject }),
    });
  } else if (emission.kind === 'object') {
    const bucket = sources.bucket(emission.bucket);
    const { body, contentType, key } = emission;
    if (body === undefined) await bucket.delete(key);
    else await bucket.put(key, body, contentType === undefined ? {} : { contentType });
  } else if (emission.kind === 'stream') {
    for (const { partitionKey, data } of emission.records) {
      await sources.stream(emission.stream).put(partitionKey, data);
    }
  } else if (emission.kind === 'table') {
    const table = sources.table(emission.table);
    if (emission.item) await table.put(emission.key, emission.item);
    else await table.delete(emission.key);
  } else {
    const { source, type, data, subject } = emission;
    await sources
      .bus(emission.bus)
      .publish({ source, type, data, ...(subject === undefined ? {} : { subject }) });
  }
}

/** The database, as somebody else at the same machine would open it. */
function open(stateFolder: string): DatabaseSync {
  const database = new DatabaseSync(join(stateFolder, 'state.db'));
  database.exec('PRAGMA busy_timeout = 5000');
  return database;
}

function rows(stateFolder: string, query: string): readonly string[] {
  const database = open(stateFolder);
  try {
    return database
      .prepare(query)
      .all()
      .map((row) => String(row['name']));
  } finally {
    database.close();
  }
}

function change(stateFolder: string, statement: string, ...values: string[]): void {
  const database = open(stateFolder);
  try {
    database.prepare(statement).run(...values);
  } finally {
    database.close();
  }
}

function stranger(stateFolder: string, ref: FunctionRef): string {
  const name = physicalName(ref, { maxLength: 128, characters: 'A-Za-z0-9_-', lowerCase: false });
  change(
    stateFolder,
    "INSERT INTO fn_functions VALUES (?, NULL, NULL, NULL, -1, 1, NULL, NULL, '[]', 'long ago')",
    name,
  );
  return name;
}

function isUntouched(stateFolder: string, name: string): boolean {
  const quoted = name.replaceAll("'", "''");
  const found = rows(
    stateFolder,
    `SELECT revision || created_at AS name FROM fn_functions WHERE physical_name = '${quoted}'`,
  );
  return found[0] === '-1long ago';
}

async function artifacts(stateFolder: string): Promise<readonly string[]> {
  try {
    return (await readdir(join(stateFolder, 'artifacts'))).map((name) => `artifact ${name}`);
  } catch {
    return [];
  }
}
