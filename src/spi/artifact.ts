/** What is deployed: a content-addressed package of code. */
import type { HandlerKind } from '../function/events.ts';
import type { Signature } from '../function/shim.ts';

/** One file of an artifact. */
export interface ArtifactFile {
  /** Relative, with `/`, never `..`. */
  readonly path: string;
  /** Unix permission bits: 0o644 or 0o755. */
  readonly mode: number;
  readonly bytes: Uint8Array;
}

/** What is known of an artifact without opening it; plain JSON, small enough for a plan. */
export interface ArtifactManifest {
  readonly form: 'zip' | 'image';
  /** 40 hex characters over paths, modes, contents, settings and tool versions: the same on any machine. */
  readonly digest: string;
  /** Bytes of the zip, and of what is in it. */
  readonly sizeBytes: number;
  readonly unpackedBytes: number;
  /** The file that the platform loads, such as `index.mjs`. */
  readonly entryFile: string;
  /** The kinds of call that the code handles. Empty for images and foreign runtimes, where nothing can be known. */
  readonly handles: readonly HandlerKind[];
  readonly signature: Signature;
  /** True when the code loads native add-ons or starts processes: the local provider then isolates by process. */
  readonly needsProcess: boolean;
  /** For `form: 'image'`. */
  readonly imageUri?: string;
}

/** An artifact that can be read. Bytes are made on first use: an unchanged deploy never zips. */
export interface Artifact extends ArtifactManifest {
  /** The zip's bytes; the same twice for the same digest and Node version. */
  zip(): Promise<Uint8Array>;
  /** The files, sorted by path. */
  files(): Promise<readonly ArtifactFile[]>;
  /**
   * The source map of the entry file, without the sources themselves: for what shows stacks of the code. Not sent to any
   * platform. Undefined where there is none, or none any more.
   */
  sourceMap?(): Promise<Uint8Array | undefined>;
  /** What there is to say of the code, in sentences without their full stop. Default none. Plans have them, too. */
  readonly warnings?: readonly string[];
}

/** Finds an artifact by the digest that a plan names. */
export interface ArtifactReader {
  /** Rejects with NOT_FOUND when the artifact is not at hand (a plan applied elsewhere: package again first). */
  get(digest: string): Promise<Artifact>;
}

/** How a provider wants code packaged. Data only. */
export interface PackagingProfile {
  readonly format: 'esm' | 'cjs';
  /** esbuild's `target`, such as `node22`. */
  readonly target: string;
  /** The file that the platform loads. */
  readonly entryFile: string;
  /** The platform's shim: its module is bundled with the user's code. */
  readonly shim: {
    /** Absolute path of the module that holds the shim. It exports a function `createEntry(handler: BoundHandler)`. */
    readonly modulePath: string;
    /** The names that `createEntry`'s result has and that the entry file exports. Empty: called for its effects. */
    readonly exports: readonly string[];
  };
  /** Modules that the platform provides. */
  readonly external: readonly string[];
  /** Files added as they are, such as `package.json`: path to text. */
  readonly files?: Readonly<Record<string, string>>;
  readonly limits: {
    readonly zipBytes?: number;
    readonly unpackedBytes?: number;
  };
}
