/** How near to the bottom counts as being there, in pixels. */
const slack = 48;

/** A list that grows at both ends and does not jump: the bottom stays in view for whoever is there, the rest where it is. */
export class StickyScroll {
  #element;
  #content;
  #isAtBottom = true;
  #observer;

  constructor(element, content) {
    this.#element = element;
    this.#content = content;
    element.addEventListener("scroll", () => { this.#isAtBottom = this.#measure(); });
    // A keyboard that opens, a window that is turned, a message that is unfolded.
    this.#observer = new ResizeObserver(() => this.#isAtBottom && this.toBottom());
    this.#observer.observe(element);
  }

  close() {
    this.#observer.disconnect();
  }

  get isAtBottom() {
    return this.#isAtBottom;
  }

  toBottom() {
    this.#element.scrollTop = this.#element.scrollHeight;
    this.#isAtBottom = true;
  }

  /** Shows an element a little below the top. */
  to(element) {
    this.#element.scrollTop = element.offsetTop - 60;
    this.#isAtBottom = this.#measure();
  }

  /** Changes the content. */
  keep(change) {
    if (this.#isAtBottom) {
      change();
      return this.toBottom();
    }
    const top = this.#element.scrollTop;
    const seen = [...this.#content.children].filter(child => child.offsetTop + child.offsetHeight > top);
    const before = new Map(seen.map(child => [child, child.offsetTop]));
    change();
    // A day's heading stays the first of all, whatever comes in below it.
    const anchor = seen.find(child => child.isConnected && !child.matches(".day"));
    if (anchor) {
      this.#element.scrollTop = top + anchor.offsetTop - before.get(anchor);
    }
  }

  #measure() {
    const { scrollHeight, scrollTop, clientHeight } = this.#element;
    return scrollHeight - scrollTop - clientHeight < slack;
  }
}
