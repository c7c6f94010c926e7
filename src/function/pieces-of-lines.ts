/**
 * A text in pieces of whole lines, none longer than `maxCharacters` but for a line that is. Joined by line ends, they are the
 * text.
 */
export function piecesOfLines(text: string, maxCharacters: number): readonly string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > maxCharacters) {
    const last = rest.lastIndexOf('\n', maxCharacters);
    const end = last > 0 ? last : rest.indexOf('\n', maxCharacters);
    if (end < 0) break;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end + 1);
  }
  pieces.push(rest);
  return pieces;
}
