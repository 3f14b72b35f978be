/** 122 random bits in letters and digits. `crypto.randomUUID` needs HTTPS, which a server on a LAN may not have. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("");
}

/** The id of this tab; it survives a reload. */
export const tabId = (() => {
  try {
    const id = sessionStorage.getItem("chasqui.tab") ?? randomId();
    sessionStorage.setItem("chasqui.tab", id);
    return id;
  } catch {
    return randomId();
  }
})();
