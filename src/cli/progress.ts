import cliProgress from 'cli-progress';

/** Progress on stderr: a bar with the time left on a terminal, one line every few seconds elsewhere. stdout stays for data. */
export function progress(
  title: string,
  quiet = false,
): { update(done: number, total: number, what: string): void; stop(): void } {
  if (quiet) return { update: () => {}, stop: () => {} };
  if (process.stderr.isTTY) {
    const bar = new cliProgress.SingleBar({
      stream: process.stderr,
      format: `${title} {bar} {percentage}% | {value}/{total} | {eta_formatted} left | {what}`,
      hideCursor: true,
      clearOnComplete: true,
    });
    let started = false;
    return {
      update(done, total, what) {
        if (!started) bar.start(total, done, { what });
        else bar.update(done, { what });
        started = true;
        bar.setTotal(total);
      },
      stop: () => started && bar.stop(),
    };
  }
  let last = 0;
  const begun = Date.now();
  return {
    update(done, total, what) {
      const now = Date.now();
      if (now - last < 4000 && done < total) return;
      last = now;
      const left = done > 0 ? `, ${Math.round((((now - begun) / done) * (total - done)) / 1000)} s left` : '';
      process.stderr.write(`${title}: ${done}/${total} ${what}${left}\n`);
    },
    stop: () => {},
  };
}

/** A line for people, on stderr. */
export const note = (text: string): void => void process.stderr.write(`${text}\n`);
