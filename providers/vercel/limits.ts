/** Limits of Vercel's that are data: the capability data is read without the rest of the library. */
import type { NameRule } from 'polyfaas/spi';

/**
 * A function is a project, whose name is the first label of its address `NAME.vercel.app`. Vercel takes 100 characters of
 * `a-z0-9._-` ("Create a project"); shorter names leave room in the 63 of a label for what Vercel adds when the address
 * is somebody else's.
 */
export const PROJECT_NAME: NameRule = {
  maxLength: 52,
  characters: 'a-z0-9-',
};

/**
 * The longest duration of functions: what the vendor's own builders take (`DEFAULT_MAX_DURATION_LIMIT` of
 * `@vercel/build-utils`), in beta on Pro and Enterprise with fluid compute.
 */
export const MAX_SECONDS = 1800;
/** The longest that is no beta, on Pro and Enterprise ("Configuring maximum duration"). */
export const SETTLED_SECONDS = 800;
/** The longest on Hobby. */
export const HOBBY_SECONDS = 300;

/** Bodies of requests and of answers: 4.5 MB ("Vercel Functions limits"). */
export const BODY_BYTES = 4_500_000;

/**
 * Megabytes, by the schema of functions in `vercel.json`. What an account may have depends on its plan ("Configuring
 * function memory"), and is told by Vercel.
 */
export const MEMORY_MB = { min: 128, max: 10_240 } as const;

/**
 * What instances have where Active CPU is billed (fluid compute, which new projects have): the standard, and `performance`
 * in the settings of the project ("Configuring function memory"). What a function asks for is ignored there.
 */
export const FLUID_MEMORY_MB = { standard: 2048, performance: 4096 } as const;

/** Calls of an instance at once: the largest `maxConcurrency` in the schema of functions. */
export const MAX_CONCURRENCY = 8192;

/** Names and values of all variables of a deployment together ("Environment variables", limits). */
export const ALL_ENV_BYTES = 65_536;
/** Of them, what calls and crons are signed with: two keys while they are changed, each with an id. */
export const OWN_ENV_BYTES = 512;
/**
 * Names and values that fit twice, for those of the version before are there while one is deployed. What is left is for
 * what JSON adds: 6 bytes a variable, and a backslash for each quote or line end. `environment.ts` counts exactly.
 */
export const ENV_BYTES = 30_000;

/** A function, unpacked: 250 MB ("Vercel Functions limits"); so much is left for what polyfaas adds. */
export const UNPACKED_BYTES = 262_144_000 - 2_000_000;

/** What is uploaded for a deployment on Hobby ("Limits", static file uploads); on Pro it is ten times as much. */
export const ZIP_BYTES = 104_857_600;

/** The longest time that a delivery can be put off: that of its lease (`@vercel/queue`, "Receiving messages"). */
export const MAX_DELAY_SECONDS = 3600;

/** So long a message is kept, unless its sender says otherwise (`@vercel/queue`, "Publishing messages"). */
export const KEPT_SECONDS = 86_400;
