/** Names of consumer groups, as Vercel makes them of the paths of functions. */

/**
 * `api/worker.mjs` is `api_Sworker_Dmjs`: the vendor's `sanitizeConsumerName` (`@vercel/build-utils`), which no client of
 * Vercel's exports without loading all of its build tools. A group goes on where it was as long as its name stays.
 */
export function consumerName(functionPath: string): string {
  let name = '';
  for (const character of functionPath) {
    if (character === '_') name += '__';
    else if (character === '/') name += '_S';
    else if (character === '.') name += '_D';
    else if (/[A-Za-z0-9-]/.test(character)) name += character;
    else name += `_${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return name;
}
