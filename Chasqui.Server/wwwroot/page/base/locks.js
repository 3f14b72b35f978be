/** Locks between the tabs of this browser. They end with their tab. Without HTTPS browsers have none: then each tab is alone. */
const { locks } = navigator;
const prefix = "chasqui.";

/** Holds a lock together with other tabs; returns a function that releases it. */
export function share(name) {
  let release = () => {};
  const held = new Promise(resolve => { release = resolve; });
  locks?.request(prefix + name, { mode: "shared" }, () => held);
  return release;
}

/** Resolves to whether a tab holds the lock. */
export const isHeld = async name => locks ? locks.request(prefix + name, { ifAvailable: true }, lock => lock === null) : false;

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
