/** What AWS holds of one function, and what each step of a plan does to it. */
import { digestOf, type JsonObject } from 'polyfaas/spi';
import type {
  AsyncConfig,
  Statement,
  VersionConfig,
  VersionNote,
} from '../../providers/aws/model.ts';
import { encodeNote } from '../../providers/aws/note.ts';
import { TAG, encodeRecord } from '../../providers/aws/record.ts';

/** What the platform holds. */
export interface State {
  latest: {
    revision: number;
    codeSha256: string;
    packageType: 'Zip' | 'Image';
    architecture: 'x86_64' | 'arm64';
    sourceKmsKeyArn: string | null;
    config: VersionConfig;
    reserved: number | null;
    tags: Record<string, string>;
  } | null;
  alias: {
    version: string;
    description: string;
    revision: number;
    weights: Record<string, number>;
  } | null;
  versions: { version: string; description: string; content: string; config: VersionConfig }[];
  async: AsyncConfig | null;
  provisioned: number | null;
  logRetentionDays: number | null;
  role: { run: StatementList; events: StatementList } | null;
}

type StatementList = readonly Statement[];

interface StepInput {
  readonly config: VersionConfig;
  readonly code: {
    readonly form: string;
    readonly artifactDigest?: string;
    readonly imageUri?: string;
  };
  readonly architecture: 'x86_64' | 'arm64';
  readonly sourceKmsKeyArn: string | null;
  readonly expected: string | null;
  readonly codeSha256: string;
  readonly note: VersionNote;
  readonly version: string;
  readonly share: { readonly version: string; readonly weight: number } | null;
  readonly record: Parameters<typeof encodeRecord>[0];
  readonly tags: Readonly<Record<string, string>>;
  readonly untag: readonly string[];
  readonly endsRemoval?: boolean;
  readonly reserved: number | null;
  readonly provisioned: { readonly min: number } | null;
  readonly days: number;
  readonly versions: readonly string[];
  readonly newest: string;
  readonly previous: string | null;
  readonly keepVersions: number;
  readonly run: StatementList | null;
  readonly events: StatementList | null;
  readonly instances: number;
}

/** The decoder of step inputs, as the provider has one. */
function inputOf(input: JsonObject): StepInput {
  const whole: StepInput = JSON.parse(JSON.stringify(input));
  return whole;
}

/** What one step does to the platform. */
export function perform(
  state: State,
  kind: string,
  given: JsonObject,
): { readonly state: State; readonly output: JsonObject } {
  const input = inputOf(given);
  const output = act(state, kind, input) ?? {};
  return { state, output };
}

function act(state: State, kind: string, input: StepInput): JsonObject | undefined {
  const acts: Readonly<Record<string, () => JsonObject | void>> = {
    'ensure-role': () => {
      const before = state.role;
      state.role = {
        run: input.run ?? before?.run ?? [],
        events: input.events ?? before?.events ?? [],
      };
      return { runIsWide: false };
    },
    'narrow-role': () => {
      if (state.role && input.events) state.role.events = input.events;
    },
    'ensure-logs': () => void (state.logRetentionDays = input.days),
    'create-function': () => {
      expectAbsent(state.latest);
      state.latest = {
        revision: 1,
        codeSha256: shaOf(input),
        packageType: input.code.form === 'image' ? 'Image' : 'Zip',
        architecture: input.architecture,
        sourceKmsKeyArn: input.sourceKmsKeyArn,
        config: input.config,
        reserved: null,
        tags: { ...input.tags, ...encodeRecord(input.record) },
      };
      return { revisionId: '1', codeSha256: state.latest.codeSha256 };
    },
    'update-configuration': () =>
      change(state, input, (latest) => void (latest.config = input.config)),
    'update-code': () =>
      change(state, input, (latest) => {
        latest.codeSha256 = shaOf(input);
        latest.architecture = input.architecture;
        latest.sourceKmsKeyArn = input.sourceKmsKeyArn;
      }),
    'publish-version': () => {
      const latest = present(state.latest);
      expectSame(input.expected, String(latest.revision));
      expectSame(input.codeSha256, latest.codeSha256);
      const content = digestOf([latest.config, latest.codeSha256]);
      const newest = state.versions.at(-1);
      const version = newest?.content === content ? newest.version : nextVersion(state);
      if (version !== newest?.version) {
        const description = encodeNote({ ...input.note, codeSha256: input.codeSha256 });
        state.versions.push({ version, description, content, config: latest.config });
      }
      const createdAt = new Date(Number(version) * 1000).toISOString();
      return { version, codeSha256: latest.codeSha256, createdAt };
    },
    'set-alias': () => {
      expectSame(input.expected, state.alias ? String(state.alias.revision) : null);
      state.alias = {
        version: input.version,
        description: encodeNote({ ...input.note, version: input.version }),
        revision: (state.alias?.revision ?? 100) + 1,
        weights: input.share ? { [input.share.version]: input.share.weight } : {},
      };
    },
    'write-record': () => {
      const latest = present(state.latest);
      Object.assign(latest.tags, input.tags, encodeRecord(input.record));
      for (const key of input.untag) delete latest.tags[key];
      if (input.endsRemoval === true) delete latest.tags[TAG.removing];
    },
    'mark-removal': () => void (present(state.latest).tags[TAG.removing] = 'true'),
    'set-async': () => {
      const config: AsyncConfig | null = JSON.parse(JSON.stringify(input.config));
      state.async = config;
    },
    'set-reserved': () => void (present(state.latest).reserved = input.reserved),
    'set-capacity': () => void (state.provisioned = input.provisioned?.min || null),
    'retire-versions': () => {
      const first = new Set([input.newest, ...(input.previous === null ? [] : [input.previous])]);
      const rest = state.versions.map(({ version }) => version).filter((one) => !first.has(one));
      const kept = [...first, ...rest.toReversed()].slice(0, input.keepVersions);
      state.versions = state.versions.filter(
        ({ version }) => kept.includes(version) || isServing(state, version),
      );
    },
    'delete-versions': () => {
      state.versions = state.versions.filter(
        ({ version }) => !input.versions.includes(version) || isServing(state, version),
      );
    },
    'delete-function': () => {
      state.latest = null;
      state.alias = null;
      state.versions = [];
      state.async = null;
      state.provisioned = null;
    },
    'delete-role': () => void (state.role = null),
    'delete-logs': () => void (state.logRetentionDays = null),
    'put-function-url': () => ({ url: 'https://abc.lambda-url.eu-central-1.on.aws' }),
    'put-http-api': () => ({ url: 'https://abc.execute-api.eu-central-1.amazonaws.com' }),
    warm: () => ({ distinctInstances: input.instances }),
  };
  const found = acts[kind];
  // What belongs to event sources, and is not seen when a function is read.
  if (!found) return { url: '', uuids: [], arn: '' };
  return found() ?? undefined;
}

function change(
  state: State,
  input: StepInput,
  alter: (latest: NonNullable<State['latest']>) => void,
): JsonObject {
  const latest = present(state.latest);
  expectSame(input.expected, String(latest.revision));
  alter(latest);
  latest.revision += 1;
  return { revisionId: String(latest.revision), codeSha256: latest.codeSha256 };
}

function shaOf({ code }: StepInput): string {
  return digestOf(code.artifactDigest ?? code.imageUri);
}

function nextVersion(state: State): string {
  return String(Math.max(0, ...state.versions.map(({ version }) => Number(version))) + 1);
}

function isServing({ alias }: State, version: string): boolean {
  return alias?.version === version || (alias ? Object.hasOwn(alias.weights, version) : false);
}

function present<Value>(value: Value | null): Value {
  if (value === null) throw new Error('The step needs a function that is not there.');
  return value;
}

function expectAbsent(value: unknown): void {
  if (value !== null) throw new Error('The function is there already.');
}

function expectSame(given: string | null, actual: string | null): void {
  if (given !== actual) throw new Error(`The step expects ${given}, it is ${actual}.`);
}
