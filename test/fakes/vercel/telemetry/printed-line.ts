/** A longer message is cut off ("Runtime logs": limits). */
const MAX_BYTES = 256 * 1024;

/** A printed line, as both kinds of logs show it. */
export interface PrintedLine {
  readonly level: 'error' | 'info';
  readonly message: string;
  readonly messageTruncated: boolean;
}

export function printedLine(stream: 'stdout' | 'stderr', text: string): PrintedLine {
  const bytes = Buffer.from(text);
  const isCut = bytes.length > MAX_BYTES;
  return {
    level: stream === 'stderr' ? 'error' : 'info',
    message: isCut ? bytes.subarray(0, MAX_BYTES).toString() : text,
    messageTruncated: isCut,
  };
}
