/** 122 bits of chance in letters and digits. `crypto.randomUUID` would need HTTPS, which a server on a LAN may not have. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("");
}

/** Of this tab; it stays over a reload. */
export const tabId = (() => {
  try {
    const id = sessionStorage.getItem("chasqui.tab") ?? randomId();
    sessionStorage.setItem("chasqui.tab", id);
    return id;
  } catch {
    return randomId();
  }
})();
