/** A hidden document gets no frames; its title still has to change. */
const atLatestMs = 200;

/** A function that calls `action` once before the next frame, however often it is called until then. */
export function later(action) {
  let isPlanned = false;
  return () => {
    if (isPlanned) {
      return;
    }
    isPlanned = true;
    const frame = requestAnimationFrame(run);
    const timer = setTimeout(run, atLatestMs);

    function run() {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      isPlanned = false;
      action();
    }
  };
}
