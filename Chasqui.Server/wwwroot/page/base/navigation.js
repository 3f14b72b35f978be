/** Below this width the list and the open view are shown one at a time; the same as in shell.css. */
const isNarrow = matchMedia("(max-width: 760px)");

const routeOf = () => location.hash.slice(1);

/**
 * The history of this tab. Each entry has a depth in its state: the list is below the views, and each open dialog is an entry above
 * its view, so that the browser's back closes the dialog, or leads from a view to the list.
 *
 * `history.go` takes effect later. Until then, new entries wait in `queue`.
 */
class Navigation {
  #depth = 0;

  /** The depth of the view below the dialogs. */
  #viewDepth = 0;

  /** Where a `history.go` leads. */
  #wanted = 0;
  #isMoving = false;

  /** What was typed into the address bar while going back, and where that leads: it takes effect nevertheless. */
  #overtaken = null;
  #queue = [];
  #dialogs = [];

  /** Called with each new route. */
  onRoute = () => {};

  constructor() {
    const { depth, isDialog } = history.state ?? {};
    if (depth !== undefined) {
      this.#depth = this.#wanted = depth;
      this.#viewDepth = isDialog ? depth - 1 : depth;
    } else if (routeOf()) {
      // Opened from a bookmark: back leads to the list.
      const route = routeOf();
      this.#replace("");
      this.#push(route);
    } else {
      this.#replace("");
    }
    if (isDialog) {
      // Reloaded with a dialog open.
      this.#wanted = this.#depth - 1;
      this.#settle();
    }
    addEventListener("popstate", () => this.#moved());
    document.addEventListener("click", event => this.#clicked(event));
  }

  get route() {
    return routeOf();
  }

  /** Closes all dialogs, and opens a view. */
  open(route) {
    this.#closeDialogs();
    this.#then(() => {
      if (route === routeOf() && !this.#isOnDialog) {
        return;
      }
      if (this.#isOnDialog || (isNarrow.matches && routeOf())) {
        this.#replace(route);
      } else {
        this.#push(route);
      }
      this.onRoute();
    });
  }

  /** Back to the list: not by a new entry, whose predecessor would be the view that was left. */
  openList() {
    if (this.#viewDepth === 1) {
      this.#wanted = 0;
      this.#settle();
    } else if (routeOf()) {
      this.#closeDialogs();
      this.#then(() => {
        this.#replace("");
        this.onRoute();
      });
    }
  }

  /** A dialog is open; `close` closes it. Returns a function to call after it was closed. */
  addDialog(close) {
    const dialog = { close, depth: 0 };
    this.#dialogs.push(dialog);
    this.#then(() => {
      if (this.#dialogs.includes(dialog)) {
        dialog.depth = this.#push(routeOf(), true);
      }
    });
    return () => this.#dialogs.includes(dialog) && this.#leave(dialog);
  }

  #closeDialogs() {
    for (const dialog of this.#dialogs.toReversed()) {
      dialog.close();
      // Browsers send the event `close` later.
      this.#leave(dialog);
    }
  }

  #leave(dialog) {
    this.#dialogs = this.#dialogs.filter(each => each !== dialog);
    if (dialog.depth && dialog.depth <= this.#depth && (this.#isMoving || this.#isOnDialog)) {
      this.#wanted = Math.min(this.#wanted, dialog.depth - 1);
      this.#settle();
    }
  }

  get #isOnDialog() {
    return Boolean(history.state?.isDialog);
  }

  #then(step) {
    this.#queue.push(step);
    this.#settle();
  }

  #settle() {
    if (this.#isMoving) {
      return;
    }
    if (this.#wanted < this.#depth) {
      this.#isMoving = true;
      history.go(this.#wanted - this.#depth);
      return;
    }
    while (this.#queue.length > 0 && !this.#isMoving) {
      this.#queue.shift()();
    }
  }

  #push(route, isDialog = false) {
    this.#wanted = ++this.#depth;
    this.#viewDepth = isDialog ? this.#viewDepth : this.#depth;
    history.pushState({ depth: this.#depth, isDialog }, "", addressOf(route));
    return this.#depth;
  }

  #replace(route) {
    this.#viewDepth = this.#depth;
    history.replaceState({ depth: this.#depth }, "", addressOf(route));
  }

  #moved() {
    const isTyped = history.state?.depth === undefined;
    const isOwn = this.#isMoving && !isTyped;
    const overtaken = this.#overtaken;
    this.#overtaken = isTyped && this.#isMoving ? { route: routeOf(), depth: this.#wanted } : null;
    this.#isMoving = false;
    if (isTyped) {
      this.#depth++;
      this.#replace(routeOf());
    } else {
      this.#depth = history.state.depth;
      this.#viewDepth = this.#isOnDialog ? this.#viewDepth : this.#depth;
    }
    if (!isOwn && overtaken?.depth === this.#depth) {
      this.#wanted = this.#depth;
      this.open(overtaken.route);
      return;
    }
    this.#wanted = isOwn ? Math.min(this.#wanted, this.#depth) : this.#depth;
    this.#dialogs.filter(dialog => dialog.depth > this.#depth).reverse().forEach(dialog => dialog.close());
    if (this.#isOnDialog && !this.#dialogs.some(dialog => dialog.depth === this.#depth)) {
      // Forward to a dialog that was closed, or back to it from a page that it led to.
      this.#wanted = this.#depth - 1;
    }
    this.onRoute();
    this.#settle();
  }

  #clicked(event) {
    const link = event.target.closest?.('a[href^="#"]');
    const isForBrowser = event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || event.defaultPrevented || isForBrowser) {
      return;
    }
    event.preventDefault();
    const route = link.getAttribute("href").slice(1);
    if (route) {
      this.open(route);
    } else {
      this.openList();
    }
  }
}

const addressOf = route => location.pathname + location.search + (route && `#${route}`);

export const navigation = new Navigation();
