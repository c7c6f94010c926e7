/** A call in few words: what is called, and not where it happens to be. */
interface Call {
  readonly plane: string;
  readonly method: string;
  readonly path: string;
}

/** Words in place of names that a test does not choose. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/^\/(?:storage\/)?v\d\//, ''],
  [/^projects\/[^/:]+\/locations\/[^/]+\//, ''],
  [/^projects\/[^/:]+\//, ''],
  [/^projects\/[^/:]+/, 'project'],
  [/^\/gcf-v2-uploads.*/, 'source'],
  [/(operations|notificationConfigs)\/[\w.-]+/, '$1/*'],
  [/(revisions\/.+-\d{5})-[a-z]{3}$/, '$1'],
  [/(serviceAccounts)\/[^/:]+/, '$1/*'],
  [/[0-9a-f]{64}|[0-9a-f]{40}|\b[0-9a-f]{8,32}\b/g, '*'],
];

/** `functions GET functions/app-main-dev` */
export function shortCall({ plane, method, path }: Call): string {
  const [whole = '', query = ''] = path.split('?');
  const place = decodeURIComponent(whole);
  const short = PLACES.reduce((text, [pattern, word]) => text.replace(pattern, word), place);
  const mask = new URLSearchParams(query).get('updateMask');
  const more = mask === null ? '' : ` (${maskOf(mask.split(','))})`;
  return `${plane.replace(/:.*/, '')} ${method} ${short || '/'}${more}`;
}

/** A whole function is written with all of its fields. */
function maskOf(fields: readonly string[]): string {
  return fields.length > 4 ? `${fields.length} fields` : fields.join(',');
}
