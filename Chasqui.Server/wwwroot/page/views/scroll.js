/** The distance from the bottom that counts as the bottom, in pixels. */
const slack = 48;

/** A list that grows at both ends without jumping. At the bottom it follows new rows; elsewhere it stays. */
export class StickyScroll {
  #element;
  #content;
  #isAtBottom = true;
  #observer;

  constructor(element, content) {
    this.#element = element;
    this.#content = content;
    element.addEventListener("scroll", () => { this.#isAtBottom = this.#measure(); });
    // The keyboard opens, the window turns, or a message is expanded.
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

  /** Scrolls an element to just below the top. */
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
    // The heading of a day stays first when rows are added below it.
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
