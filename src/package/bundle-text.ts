/** What the bundler wrote, and what is known of it. */
interface TextSettings {
  readonly format: 'esm' | 'cjs';
  readonly minified: boolean;
  readonly inputs: readonly string[];
  readonly nameOf: (path: string) => string;
}

// The bundler's helper for `require` in ESM says this where the platform has none.
const NEEDS_REQUIRE = 'Dynamic require of "';
const REQUIRE =
  "import{createRequire as __polyfaasRequire}from'node:module';const require=__polyfaasRequire(import.meta.url);";
const NEEDS_URL = '__polyfaasUrl';
const URL_OF_FILE = `const ${NEEDS_URL}=require('node:url').pathToFileURL(__filename).href;`;

/**
 * Gives the bundle what it lacks in its module format, and takes out what only this machine knows: the paths of
 * files outside of the root, which stand in the comments of an unminified bundle.
 */
export function finishText(
  code: Uint8Array,
  sourceMap: Uint8Array,
  settings: TextSettings,
): { readonly code: Uint8Array; readonly sourceMap: Uint8Array } {
  const bytes = asBuffer(code);
  const banner =
    settings.format === 'esm'
      ? bytes.includes(NEEDS_REQUIRE) && REQUIRE
      : bytes.includes(NEEDS_URL) && URL_OF_FILE;
  // As bytes throughout: making a text of a large bundle, and bytes of it again, takes as long as packing it.
  const portable = settings.minified
    ? bytes
    : Buffer.from(withPortableNames(bytes.toString('utf8'), settings));
  if (!banner) return { code: portable, sourceMap };
  const first = directiveBytes(portable);
  return {
    code: Buffer.concat([
      portable.subarray(0, first),
      Buffer.from(`${banner}\n`),
      portable.subarray(first),
    ]),
    sourceMap: withEmptyLine(asBuffer(sourceMap)),
  };
}

/** A directive such as "use strict" must stay first. */
function directiveBytes(code: Buffer): number {
  const start = code.subarray(0, 16).toString('latin1');
  return /^(?:"use strict"|'use strict');/.exec(start)?.[0].length ?? 0;
}

/** A line more at the top: one empty group of mappings. */
function withEmptyLine(sourceMap: Buffer): Buffer {
  const key = sourceMap.indexOf('"mappings":');
  const start = key === -1 ? -1 : sourceMap.indexOf('"', key + '"mappings":'.length) + 1;
  if (start <= 0) return sourceMap;
  return Buffer.concat([sourceMap.subarray(0, start), Buffer.from(';'), sourceMap.subarray(start)]);
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function withPortableNames(text: string, { inputs, nameOf }: TextSettings): string {
  const names = new Map(
    inputs.filter((path) => nameOf(path) !== path).map((path) => [path, nameOf(path)]),
  );
  if (names.size === 0) return text;
  return text
    .split('\n')
    .map((line) => {
      const found = /^(\/\/ | {2}")(.+?)("\(.*)?$/.exec(line);
      const name = found?.[2] === undefined ? undefined : names.get(found[2]);
      return name === undefined ? line : `${found?.[1] ?? ''}${name}${found?.[3] ?? ''}`;
    })
    .join('\n');
}
