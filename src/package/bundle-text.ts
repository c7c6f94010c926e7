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
  text: string,
  sourceMap: Uint8Array,
  settings: TextSettings,
): { readonly text: string; readonly sourceMap: Uint8Array } {
  const portable = settings.minified ? text : withPortableNames(text, settings);
  const banner =
    settings.format === 'esm'
      ? text.includes(NEEDS_REQUIRE) && REQUIRE
      : text.includes(NEEDS_URL) && URL_OF_FILE;
  if (!banner) return { text: portable, sourceMap };
  const [first, rest] = splitDirective(portable);
  return {
    text: `${first}${banner}\n${rest}`,
    // A line more at the top: one empty group of mappings.
    sourceMap: Buffer.from(
      Buffer.from(sourceMap)
        .toString('utf8')
        .replace(/"mappings":\s*"/, '$&;'),
    ),
  };
}

/** A directive such as "use strict" must stay first. */
function splitDirective(text: string): readonly [string, string] {
  const directive = /^(?:"use strict"|'use strict');/.exec(text)?.[0];
  return directive === undefined ? ['', text] : [directive, text.slice(directive.length)];
}

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
