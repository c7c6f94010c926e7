/** Functions as the seeds write them, and where their code is. */
import { Fields, type Notes, given, isTable } from './fields.ts';
import { ownVocabulary, texts } from './own-vocabulary.ts';
import type { TskTable, TskValue } from './parse.ts';
import { mapEvents } from './seed-events.ts';

/** What the mapping asks of the outside. */
export interface MapWorld {
  /** Whether a file stands at this path, relative to the configuration. */
  readonly fileExists: (path: string) => boolean;
}

const EXTENSIONS = ['ts', 'js', 'mjs', 'mts'] as const;
const CODE_FILE = /\.(?:ts|mts|js|mjs|cjs)$/;
const NO_RUNTIME_FIELDS = ['layers', 'role', 'vpc', 'pre_warming'] as const;

/** Memory, time, environment and runtime, for one function or as the defaults of all. */
export function mapSettings(fields: Fields): Record<string, unknown> {
  const environment = fields.take('environment', 'env');
  const settings = given({
    memoryMb: fields.take('memory_size', 'memory', 'memory_mb', 'memoryMb'),
    timeoutSeconds: fields.take('timeout', 'timeout_seconds', 'timeoutSeconds'),
    runtime: mapRuntime(fields),
    env: isTable(environment) ? texts(environment) : environment,
  });
  for (const name of NO_RUNTIME_FIELDS) fields.ignore(name);
  return settings;
}

function mapRuntime(fields: Fields): TskValue | undefined {
  const runtime = fields.take('runtime');
  if (typeof runtime !== 'string') return runtime;
  if (/^php(?![a-z])/i.test(runtime)) {
    fields.notes.add(
      'other',
      `${fields.path}.runtime`,
      `"${runtime}" is replaced by "node": handlers are JavaScript or TypeScript here. Port the PHP handlers, then write runtime = "node".`,
    );
    return 'node';
  }
  const node = /^nodejs(\d+)(?:\.x)?$/.exec(runtime);
  return node === null ? runtime : `node${node[1]}`;
}

/** One function. */
export function mapFunction(
  written: TskTable,
  path: string,
  sources: TskTable,
  notes: Notes,
  world: MapWorld,
): Record<string, unknown> {
  const fields = new Fields(written, path, notes);
  const handler = fields.take('handler', 'function');
  const events = fields.take('events');
  const settings = mapSettings(fields);
  const own = ownVocabulary(fields.rest(), path);
  const hasCode = ['entry', 'source', 'artifact', 'image'].some((field) => field in own);
  const code =
    typeof handler === 'string' ? findCode(handler, hasCode, path, notes, world) : { handler };
  return given({
    ...own,
    ...settings,
    ...code,
    events:
      events === undefined
        ? undefined
        : mapEvents(events, sources, `${path}.events`, notes, (_name, message) =>
            fields.refusal('events', message),
          ),
  });
}

/**
 * The file and the export that a handler names.
 * `UserHandler::handle`: the export `handle` of `handlers/user-handler.*`, the class in kebab case.
 * `users.handle`: the export `handle` of `users.*`, else of `handlers/users.*`.
 * A path with an extension is the file itself.
 */
export function findCode(
  handler: string,
  hasCode: boolean,
  path: string,
  notes: Notes,
  world: MapWorld,
): Record<string, unknown> {
  if (CODE_FILE.test(handler)) return hasCode ? { handler } : { entry: handler };
  const { places, exported } = handlerPlaces(handler);
  const named = exported === undefined ? {} : { handler: exported };
  if (hasCode) return named;
  const candidates = places.flatMap((place) => EXTENSIONS.map((end) => `${place}.${end}`));
  const found = candidates.find((file) => world.fileExists(file));
  if (found !== undefined) return { entry: found, ...named };
  const missing = `./handlers/${handlerFile(handler)}.ts`;
  const exportText = exported === undefined ? '' : ` with an export "${exported}"`;
  notes.add(
    'other',
    `${path}.handler`,
    `"${handler}" is looked for as ${missing} (or .js, .mjs), which is not there yet. Make that file${exportText}.`,
  );
  return { entry: missing, ...named };
}

function handlerPlaces(handler: string): {
  places: readonly string[];
  exported: string | undefined;
} {
  const place = `./handlers/${handlerFile(handler)}`;
  const [owner = '', method] = handler.split('::');
  if (method !== undefined) return { places: [place], exported: method };
  const dot = owner.lastIndexOf('.');
  if (dot <= 0) return { places: [place], exported: undefined };
  const file = `./${owner.slice(0, dot).replace(/^\.\//, '')}`;
  return { places: [file, place], exported: owner.slice(dot + 1) };
}

/** `App\UserHandler::handle` -> `user-handler`; `src/users.handle` -> `users`. */
function handlerFile(handler: string): string {
  const owner = handler.includes('::')
    ? (handler.split('::')[0] ?? '')
    : handler.replace(/\.[^./]*$/, '');
  const last = owner.split(/[\\/.]/).at(-1) ?? owner;
  return last
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase();
}
