import type { WireOfWorker } from './worker-process.ts';

/** Messages in JSON, a line each. */
export const JSON_LINES: WireOfWorker = {
  encode: (message) => `${JSON.stringify(message)}\n`,
  reader: (onMessage) => {
    let rest = '';
    return (bytes) => {
      const lines = (rest + bytes.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onMessage(JSON.parse(line));
    };
  },
};
