import type { LogLine } from '../manifest.ts';

/** Application Insights cuts a message behind 32,768 characters ("Application Insights limits"), and JSON then is none. */
const MAX_CHARACTERS = 32_000;
/** What a message keeps at least, beside fields. */
const MAX_MESSAGE = 16_000;

/**
 * An entry as JSON that Application Insights keeps whole. What is too long is cut, and says so: the message at its end,
 * and the fields become `{ cut: "their JSON, as far as it fits ... (n characters)" }`.
 */
export function fitted(line: LogLine): string {
  const text = JSON.stringify(line);
  if (text.length <= MAX_CHARACTERS) return text;
  const { fields, ...rest } = line;
  const bare = JSON.stringify({ ...rest, message: '' }).length;
  if (fields === undefined) {
    return JSON.stringify({ ...rest, message: cut(line.message, MAX_CHARACTERS - bare) });
  }
  const message = cut(line.message, MAX_MESSAGE);
  const room = MAX_CHARACTERS - bare - encodedLength(message) - '"fields":{"cut":}'.length;
  const given = JSON.stringify(fields);
  return JSON.stringify({
    ...rest,
    message,
    fields: given.length <= room ? fields : { cut: cut(given, room) },
  });
}

/** The beginning of a text that takes at most so many characters in JSON. */
function cut(text: string, room: number): string {
  if (encodedLength(text) <= room) return text;
  const note = `... (${text.length} characters)`;
  const left = room - note.length;
  let kept = text.slice(0, left);
  for (let size = encodedLength(kept); size > left; size = encodedLength(kept)) {
    kept = kept.slice(0, Math.floor((kept.length * left) / size) - 1);
  }
  return kept + note;
}

function encodedLength(text: string): number {
  return JSON.stringify(text).length;
}
