/** Decoders: rows of the state database, written by this provider alone, to records. */
import { ServerlessError, type Binding } from 'polyfaas/spi';
import type { FunctionRecord, FunctionSettings, VersionBody, VersionRecord } from './functions.ts';

type Row = Readonly<Record<string, unknown>>;

export function readFunctionRow(row: Row, versions: readonly VersionRecord[]): FunctionRecord {
  const { app, stage, name } = row;
  const isOurs = typeof app === 'string' && typeof stage === 'string' && typeof name === 'string';
  const live = row['live_version'];
  return {
    physicalName: String(row['physical_name']),
    ref: isOurs ? { app, stage, name } : undefined,
    revision: Number(row['revision']),
    liveVersion: typeof live === 'number' ? live : null,
    settings: parse<FunctionSettings | null>(row['settings'] ?? 'null'),
    bindings: parse<readonly Binding[]>(row['bindings']),
    versions,
  };
}

export function readVersionRow(row: Row): VersionRecord {
  return { version: Number(row['version']), ...parse<VersionBody>(row['body']) };
}

function parse<Value>(text: unknown): Value {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this provider wrote the text
    return JSON.parse(String(text)) as Value;
  } catch (cause) {
    throw new ServerlessError({
      code: 'UNAVAILABLE',
      message:
        'A record in the local state database is damaged. Move the state folder aside and deploy again.',
      cause,
    });
  }
}
