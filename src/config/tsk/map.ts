/** From a `.tsk` tree to a configuration: our own vocabulary, and that of the documents which coined the format. */
import { mergeOver } from '../../spec/merge.ts';
import { isPlainObject } from '../../spec/plain-data.ts';
import type { Warning } from '../../spi/plan.ts';
import { Fields, Notes, given, isTable, listOf } from './fields.ts';
import { entryError, sameOrigin } from './origin.ts';
import { ownVocabulary } from './own-vocabulary.ts';
import type { TskTable, TskValue } from './parse.ts';
import { mapEventDriven } from './seed-event-driven.ts';
import { mapEvents } from './seed-events.ts';
import { type MapWorld, mapFunction, mapSettings } from './seed-functions.ts';
import { mapColdStart, mapMonitoring, mapObservability } from './seed-tuning.ts';

export type { MapWorld };

/** A configuration that is not validated yet, and what could not be taken over as it stands. */
export interface MappedTsk {
  readonly config: Record<string, unknown>;
  readonly warnings: readonly Warning[];
}

const PROVIDERS: Readonly<Record<string, string>> = {
  aws_lambda: 'aws',
  azure_functions: 'azure',
  google_cloud_functions: 'gcp',
  vercel_functions: 'vercel',
};
/** Sections that make a file one of the older vocabulary. */
const SEED_SECTIONS = [
  'serverless_architecture',
  'event_driven_serverless',
  'cold_start_optimization',
  'serverless_monitoring',
  'serverless',
  'event_sources',
] as const;
const OWN_FIELDS = new Set([
  'app',
  'stage',
  'provider',
  'targets',
  'failover',
  'region',
  'functions',
  'environments',
  'defaults',
  'adapters',
  'limits',
  'provider_options',
  'providerOptions',
  'root',
]);

/** Maps a tree. Pure but for `world.fileExists`. */
export function mapTsk(tree: TskTable, world: MapWorld): MappedTsk {
  if (!SEED_SECTIONS.some((name) => isTable(tree[name]))) {
    return { config: ownVocabulary(tree, ''), warnings: [] };
  }
  const notes = new Notes();
  const sections = { ...tree };
  const take = (name: string): TskTable | undefined => {
    const section = sections[name];
    if (!isTable(section)) return undefined;
    delete sections[name];
    return section;
  };
  const parts: unknown[] = [];
  const sources = take('event_sources');
  for (const name of ['serverless', 'serverless_architecture']) {
    const section = take(name);
    if (section !== undefined) parts.push(mapArchitecture(section, name, sources, notes, world));
  }
  if (sources !== undefined && parts.length === 0) noFunction('event_sources', notes);
  const driven = take('event_driven_serverless');
  if (driven !== undefined) parts.push({ functions: mapEventDriven(driven, notes, world) });
  const tuning: readonly (readonly [string, typeof mapColdStart])[] = [
    ['cold_start_optimization', mapColdStart],
    ['serverless_monitoring', mapMonitoring],
    ['observability', mapObservability],
  ];
  for (const [name, map] of tuning) {
    const section = take(name);
    if (section !== undefined) parts.push({ defaults: map(section, notes) });
  }
  const own = ownSections(sections, notes);
  sameOrigin(tree, own);
  parts.push(ownVocabulary(own, ''));
  const config = parts.reduce((base, part) => mergeOver(base, part), {});
  return { config: isPlainObject(config) ? config : {}, warnings: notes.warnings };
}

/** `[serverless_architecture]`, or `serverless = { ... }`. */
function mapArchitecture(
  section: TskTable,
  name: string,
  outerSources: TskTable | undefined,
  notes: Notes,
  world: MapWorld,
): Record<string, unknown> {
  const fields = new Fields(section, name, notes);
  const provider = fields.take('provider');
  const region = fields.take('region');
  const handler = takeText(fields, 'handler', 'Write handler = "Class::method", or functions.');
  const ownName = takeText(fields, 'name', 'Write the name of the function as a text in quotes.');
  const functions = fields.takeTable('{ orders = { handler = "..." } }', 'functions');
  const inner = fields.takeTable('{ http = { ... } }', 'events');
  const settings = mapSettings(fields);
  fields.refuseTypos(OWN_FIELDS);
  fields.ignoreRest();
  const sources = { ...outerSources, ...inner };
  const mapped: Record<string, unknown> = {};
  for (const [key, written] of Object.entries(functions ?? {})) {
    // What is no table stays as it is: validation names it.
    mapped[key] = isTable(written)
      ? mapFunction(written, `functions.${key}`, sources, notes, world)
      : written;
  }
  if (handler !== undefined) {
    const key = ownName ?? 'main';
    const path = `functions.${key}`;
    if (Object.hasOwn(mapped, key)) {
      notes.add(
        'ignored',
        path,
        `the handler of ${name} has the same name and counts. Rename one.`,
      );
    }
    mapped[key] = {
      ...mapFunction({ handler }, path, sources, notes, world),
      events: mapEvents(
        Object.keys(sources),
        sources,
        `${path}.events`,
        notes,
        (source, message) => {
          const table = [inner, outerSources].find((one) => one && Object.hasOwn(one, source));
          return entryError(table ?? section, source, message);
        },
      ),
    };
  } else {
    if (ownName !== undefined) {
      notes.add('ignored', `${name}.name`, 'names the function of a handler, and there is none.');
    }
    const ownSources = { path: `${name}.events`, table: inner ?? {} };
    const around = { path: 'event_sources', table: outerSources ?? {} };
    noteUnused(functions ?? {}, [ownSources, around], notes);
  }
  return given({
    provider: mapProvider(provider),
    region,
    defaults: Object.keys(settings).length === 0 ? undefined : settings,
    functions: Object.keys(mapped).length === 0 ? undefined : mapped,
  });
}

function takeText(fields: Fields, name: string, instead: string): string | undefined {
  const value = fields.take(name);
  if (value === undefined || typeof value === 'string') return value;
  fields.notes.addWrongKind(`${fields.path}.${name}`, value, instead);
  return undefined;
}

interface Sources {
  readonly path: string;
  readonly table: TskTable;
}

/** Says of event sources that no function asks for that nothing will arrive from them. */
function noteUnused(functions: TskTable, sources: readonly Sources[], notes: Notes): void {
  const written = Object.values(functions);
  const used = new Set(written.flatMap((value) => (isTable(value) ? listOf(value['events']) : [])));
  for (const { path, table } of sources) {
    const names = Object.keys(table);
    if (written.length === 0 && names.length > 0) {
      noFunction(path, notes);
      continue;
    }
    for (const source of names.filter((name) => !used.has(name))) {
      notes.add(
        'ignored',
        `${path}.${source}`,
        'no function has it among its events, so it has no effect. Name it there, or remove it.',
      );
    }
  }
}

function mapProvider(provider: TskValue | undefined): TskValue | undefined {
  if (typeof provider !== 'string') return provider;
  return Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider] : provider;
}

function noFunction(field: string, notes: Notes): void {
  notes.add(
    'ignored',
    field,
    'no function is there to take these events. Add functions, or a handler.',
  );
}

/** Our own fields; of what is neither ours nor known, it is said that it has no effect. */
function ownSections(sections: TskTable, notes: Notes): TskTable {
  const own: TskTable = {};
  for (const [name, value] of Object.entries(sections)) {
    if (OWN_FIELDS.has(name)) own[name] = value;
    else notes.add('ignored', name, 'this section has no equivalent and no effect. Remove it.');
  }
  return own;
}
