/** localStorage, or memory if it is full or forbidden. */
const memory = new Map();
const prefix = "chasqui.";

export function read(key) {
  try {
    const text = memory.get(key) ?? localStorage.getItem(prefix + key);
    return text === null || text === undefined ? null : JSON.parse(text);
  } catch {
    // Forbidden, or written by something else.
    return null;
  }
}

export function write(key, value) {
  const text = JSON.stringify(value);
  try {
    localStorage.setItem(prefix + key, text);
    memory.delete(key);
  } catch {
    // Full: memory keeps it while the page is open.
    memory.set(key, text);
  }
}

export function remove(key) {
  memory.delete(key);
  try {
    localStorage.removeItem(prefix + key);
  } catch {
    // Forbidden: there is nothing to remove.
  }
}

/** The rest of all keys that begin with `start`. */
export function keys(start) {
  const found = new Set([...memory.keys()].filter(key => key.startsWith(start)));
  try {
    for (let i = 0; i < localStorage.length; i++) {
      const key = localStorage.key(i);
      if (key.startsWith(prefix + start)) {
        found.add(key.slice(prefix.length));
      }
    }
  } catch {
    // Forbidden: only memory has entries.
  }
  return [...found].map(key => key.slice(start.length));
}

/** Calls back with the keys that other tabs have changed; null when they have cleared everything. */
export function onChangeElsewhere(listener) {
  const heard = event => {
    if (event.storageArea === localStorage && (event.key === null || event.key.startsWith(prefix))) {
      listener(event.key?.slice(prefix.length) ?? null);
    }
  };
  addEventListener("storage", heard);
  return () => removeEventListener("storage", heard);
}
