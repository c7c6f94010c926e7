/**
 * What the bundler's own process is started with. It is a Go program, and collects garbage as soon as its heap is some
 * megabytes: that is a third of the time of a build of ordinary size. So it collects nothing before it has this much,
 * which no build of ordinary size comes to. It lives as long as the program, since others in it may use the bundler too:
 * what it has taken stays with it.
 */
const SETTINGS = { GOGC: 'off', GOMEMLIMIT: '256MiB' } as const;

/**
 * Runs `start`, during which the bundler starts its process, with the settings above. What the user set stays; and
 * since `start` returns before anything else can run, nobody else sees the change.
 */
export function withRoomyHeap<Result>(start: () => Result): Result {
  const { env } = process;
  if (Object.keys(SETTINGS).some((name) => env[name] !== undefined)) return start();
  Object.assign(env, SETTINGS);
  try {
    return start();
  } finally {
    for (const name of Object.keys(SETTINGS)) delete env[name];
  }
}
