/** Calls its listeners; `on` returns a function that removes the listener. */
export class Emitter {
  #listeners = new Map();

  on(name, listener) {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit(name, detail) {
    [...this.#listeners.get(name) ?? []].forEach(listener => listener(detail));
  }
}
