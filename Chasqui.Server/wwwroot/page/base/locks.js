/** Locks between the tabs of this browser. They end with their tab. Without HTTPS browsers have none: then each tab is alone. */
const { locks } = navigator;
const prefix = "chasqui.";

/** Holds a lock, as soon as no other tab does; returns a function that releases it. */
export function hold(name) {
  let release = () => {};
  const held = new Promise(resolve => { release = resolve; });
  locks?.request(prefix + name, () => held);
  return release;
}

/** Resolves to whether a tab holds the lock. Shared, so that tabs that ask at once do not take each other for the holder. */
export const isHeld = async name => locks
  ? locks.request(prefix + name, { mode: "shared", ifAvailable: true }, lock => lock === null)
  : false;

/** Resolves to whether this tab gets the lock first; the others are refused for `ms` milliseconds. */
export const claim = (name, ms) => new Promise(resolve => {
  if (!locks) {
    return resolve(true);
  }
  locks.request(prefix + name, { ifAvailable: true }, lock => {
    resolve(lock !== null);
    return lock && new Promise(release => setTimeout(release, ms));
  });
});
