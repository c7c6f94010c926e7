/** Requests that no client library would send. */
import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends bytes as they are, and resolves to all that comes back before the connection ends, or falls silent. */
export async function raw(
  url: string,
  text: string,
  { firstMs = 5_000, silenceMs = 500 } = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let heard = '';
  const over = new Promise<void>((resolve) => {
    let timer = setTimeout(resolve, firstMs);
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      clearTimeout(timer);
      timer = setTimeout(resolve, silenceMs);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.on('error', () => {});
  });
  socket.write(text);
  await over;
  socket.destroy();
  return heard;
}

/** The status of the first answer in it. */
export function statusIn(heard: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(heard)?.[1]);
}
