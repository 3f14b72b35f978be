/** The distance from the bottom that counts as the bottom, in pixels. */
const slack = 48;

/** A list that changes at both ends without jumping. At the bottom it follows new rows; elsewhere it stays. */
export class StickyScroll {
  #element;
  #content;
  #isAtBottom = true;

  /** Whether the last row is the last one there is: otherwise there is nothing to follow. */
  #isWhole = true;
  #observer;

  constructor(element, content) {
    this.#element = element;
    this.#content = content;
    element.addEventListener("scroll", () => { this.#isAtBottom = this.#measure(); });
    // The keyboard opens, the window turns, or a message is expanded.
    this.#observer = new ResizeObserver(() => this.isAtBottom && this.toBottom());
    this.#observer.observe(element);
  }

  close() {
    this.#observer.disconnect();
  }

  get isAtBottom() {
    return this.#isAtBottom && this.#isWhole;
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

  /** Changes the content. @param isWhole whether its last row is the last one there is */
  keep(change, isWhole) {
    const follows = this.isAtBottom;
    this.#isWhole = isWhole;
    if (follows) {
      change();
      return this.toBottom();
    }
    const top = this.#element.scrollTop;
    const seen = [...this.#content.children].slice(this.#rowAt(top));
    const before = new Map(seen.map(child => [child, { offsetTop: child.offsetTop, offsetHeight: child.offsetHeight }]));
    change();
    // The heading of a day stays first when rows are added below it. A message that is no longer its sender's first is lower.
    const anchor = seen.find(child =>
      child.isConnected && !child.matches(".day") && child.offsetHeight === before.get(child).offsetHeight);
    if (anchor) {
      this.#element.scrollTop = top + anchor.offsetTop - before.get(anchor).offsetTop;
    }
    this.#isAtBottom = this.#measure();
  }

  /** The first and the last row that are in view, whole or in part. */
  get visible() {
    const { scrollTop, clientHeight } = this.#element;
    const rows = this.#content.children;
    return [rows[this.#rowAt(scrollTop)], rows[Math.min(this.#rowAt(scrollTop + clientHeight), rows.length - 1)]];
  }

  /** The index of the first row that ends below a height. */
  #rowAt(height) {
    const rows = this.#content.children;
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].offsetTop + rows[middle].offsetHeight > height) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  #measure() {
    const { scrollHeight, scrollTop, clientHeight } = this.#element;
    return scrollHeight - scrollTop - clientHeight < slack;
  }
}
