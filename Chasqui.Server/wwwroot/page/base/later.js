/** A hidden document gets no frames; its title still has to change. */
const atLatestMs = 200;

/** A function that calls `action` once before the next frame, however often it is called until then. */
export function later(action) {
  let run = null;
  return () => {
    if (!run) {
      const scheduled = run = () => {
        if (run === scheduled) {
          run = null;
          action();
        }
      };
      requestAnimationFrame(scheduled);
      setTimeout(scheduled, atLatestMs);
    }
  };
}
